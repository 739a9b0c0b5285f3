/** Credentials that fail in each of the ways in which they do: what users of the official clients see of it. */
import { afterAll, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import type { Protocol } from '../../src/protocols/model.ts';
import { clientKey, oneUpstream, startTested } from '../gateway-harness.ts';
import { sandboxOfTests } from '../sandbox-gateway.ts';
import { type Pairing, pairings } from './official.ts';

const sandbox = sandboxOfTests();

/** Faults by the sandbox's names for them, after which another credential answers. */
const passing = [
  { fault: '429', title: '429 without Retry-After' },
  { fault: '429-retry-7', title: '429 with Retry-After' },
  { fault: '401', title: '401' },
  { fault: '403', title: '403' },
  { fault: '404', title: '404' },
  { fault: '500', title: '500' },
  { fault: '503', title: '503' },
  { fault: '529', title: '529' },
  { fault: 'html-503', title: 'a web page' },
  { fault: 'redirect', title: 'a redirect' },
  { fault: 'drop', title: 'a connection that drops' },
  { fault: 'stall-0', title: 'a first event that never comes' },
] as const;

/** Faults that nobody is left to make good, and what their clients are told. */
const lasting = [
  { fault: '429-retry-70', title: 'a quota', status: 429, says: 'cooling down; the first is back in 1m' },
  {
    fault: '429-retry-1555200',
    title: 'a hint of eighteen days',
    status: 429,
    says: 'cooling down; the first is back in 30m',
  },
  { fault: '401', title: 'a revoked key', status: 503, says: 'auth until' },
  { fault: '403', title: 'a model that the account may not use', status: 503, says: 'forbidden until' },
] as const;

/** A credential of a protocol at the sandbox. */
function credential(
  protocol: Protocol,
  key: string,
  alias: string,
  priority: number,
  more: JsonObject = {},
): JsonObject {
  const models = [{ name: 'sandbox', alias }];
  const keys = protocol === 'openai-chat' ? { 'api-key-entries': [{ 'api-key': key }] } : { 'api-key': key };
  return oneUpstream(protocol, sandbox.url, models, { ...keys, priority, ...more });
}

/** Only what never answers is not waited for: the others may take their time on a busy machine. */
const limitsFor = (fault: string): JsonObject =>
  fault === 'stall-0' ? { timeouts: { 'first-byte': '150ms', whole: '150ms' } } : {};

/** One configuration of many credentials: lists of the same name are joined. */
function joined(parts: readonly JsonObject[]): JsonObject {
  const lists: Record<string, JsonObject[]> = {};
  for (const part of parts)
    for (const [name, entries] of Object.entries(part))
      lists[name] = [...(lists[name] ?? []), ...(Array.isArray(entries) ? entries.filter(isEntry) : [])];
  return lists;
}

function isEntry(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

const rows = pairings.map((pairing, index) => ({ pairing, index }));
const keyOf = (fault: string, index: number, kind: string) => `key-${fault}@${kind}${index}`;
const modelOf = (fault: string, index: number, kind: string) => `${kind}-${fault}-${index}`;

const gateway = await startTested({
  ...joined(
    rows.flatMap(({ pairing: { upstream }, index }) => [
      ...passing.flatMap(({ fault }) => {
        const model = modelOf(fault, index, 'passing');
        return [
          credential(upstream, keyOf(fault, index, 'passing'), model, 1, limitsFor(fault)),
          credential(upstream, `good-${fault}-${index}`, model, 0),
        ];
      }),
      ...lasting.map(({ fault }) =>
        credential(upstream, keyOf(fault, index, 'lasting'), modelOf(fault, index, 'lasting'), 0),
      ),
    ]),
  ),
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const open = ({ client, stream }: Pairing, model: string) =>
  client.open({ url: gateway.url, key: clientKey, model, stream, headers: {} });

describe.each(rows)('$pairing.title', ({ pairing, index }) => {
  test.each([...passing])(
    '$title: another credential answers, and the client sees nothing of it',
    async ({ fault }) => {
      const told = await open(pairing, modelOf(fault, index, 'passing')).say('say 3 words');
      expect(told.text.split(' ')).toHaveLength(3);
    },
  );

  test.each([...lasting])(
    '$title: who is cooling down, why and until when, in its own words',
    async ({ fault, status, says }) => {
      const conversation = open(pairing, modelOf(fault, index, 'lasting'));
      await conversation.say('say 3 words').catch(() => undefined);
      const error: unknown = await conversation.say('say 3 words').then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const shown = pairing.client.shown(error);
      expect(shown.status).toBe(status);
      expect(shown.message).toContain(says);
      if (pairing.client.protocol !== 'gemini') expect(Number(shown.retryAfter)).toBeWithin(1, 1801);
    },
  );
});
