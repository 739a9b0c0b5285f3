import { expect, test } from 'bun:test';
import { parseConfig } from '../config/load.ts';
import { createCatalog, type Route } from '../credentials/catalog.ts';
import { credentialsFromConfig } from '../credentials/from-config.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import type { JsonObject } from '../protocols/json.ts';
import { losslessCandidates } from './lossless-route.ts';
import { type RequestBody, readRequest } from './read-request.ts';

/** One model over a chat credential that is preferred and a Claude credential behind it. */
const config = `
openai-compatibility:
  - {name: c, base-url: "http://127.0.0.1:1/v1", priority: 1, api-key-entries: [{api-key: key-of-chat}], models: [{name: m}]}
claude-api-key:
  - {api-key: key-of-claude, models: [{name: m}]}
`;

function routeOf(text: string): Route {
  const result = parseConfig(text, { file: 'config.yaml', env: {} });
  const route = result.ok ? createCatalog(credentialsFromConfig(result.config), false).route('m') : undefined;
  if (route === undefined) throw new Error('no route');
  return route;
}

async function faithful(body: JsonObject, protocol: RequestBody['protocol'], route = routeOf(config)) {
  const bytes = new TextEncoder().encode(JSON.stringify({ model: 'm', ...body }));
  const request: RequestBody = {
    protocol,
    operation: 'generate',
    model: 'm',
    modelSpan: undefined,
    stream: false,
    body: bytes,
  };
  const result = await losslessCandidates(route, request, readRequest(request));
  if (!result.ok) return result;
  const tiers = route.tiers.map((tier) => tier.filter(result.serves)).filter((tier) => tier.length > 0);
  return { ok: true as const, tiers };
}

const protocolsOf = (result: Awaited<ReturnType<typeof faithful>>) =>
  result.ok
    ? result.tiers.map((tier) => tier.map(({ credential }) => credential.provider.protocol))
    : result.error.param;

const text = { input: 'Hello' };

test('a request that every candidate can say keeps all its candidates, in their order', async () => {
  expect(protocolsOf(await faithful(text, 'openai-responses'))).toEqual([
    ['openai-chat'],
    ['anthropic-messages'],
  ]);
});

test('a field that one protocol lacks leaves the candidates of the other', async () => {
  const body = { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 9, top_k: 4 };
  expect(protocolsOf(await faithful(body, 'anthropic-messages'))).toEqual([['anthropic-messages']]);
});

test('a field that all lack is refused by name, with the whole report', async () => {
  const refused = await faithful({ ...text, truncation: 'auto', max_output_tokens: 9 }, 'openai-responses');
  expect(refused).toMatchObject({
    ok: false,
    error: { status: 400, kind: 'invalid-request', code: 'lossy_translation', param: 'truncation' },
    losses: [{ kind: 'dropped', field: 'truncation' }],
  });
});

test('what is only approximated is not refused', async () => {
  const claude = routeOf(config.slice(config.indexOf('claude-api-key')));
  const hot = { messages: [{ role: 'user', content: 'Hello' }], temperature: 1.8 };
  expect(protocolsOf(await faithful(hot, 'openai-chat', claude))).toEqual([['anthropic-messages']]);
});

test('a body that cannot be read is the client’s fault, named by its field', async () => {
  await expect(faithful({ input: 3 }, 'openai-responses')).rejects.toThrow(InvalidRequest);
});

test.each([
  ['short', 1],
  ['long', 300],
])('a %s body is translated up to the first that loses nothing', async (_, messages) => {
  const input = Array.from({ length: messages }, () => ({ role: 'user', content: 'Hello. '.repeat(200) }));
  const body = new TextEncoder().encode(JSON.stringify({ model: 'm', input }));
  const ask = { protocol: 'openai-responses', operation: 'generate', model: 'm', stream: false } as const;
  const request: RequestBody = { ...ask, modelSpan: undefined, body };
  const read = readRequest(request);
  let translations = 0;
  const counting = {
    ...read,
    canonical() {
      translations += 1;
      return read.canonical();
    },
  };
  const route = routeOf(config);
  const result = await losslessCandidates(route, request, counting);
  expect(translations).toBe(1);
  const serves = route.tiers.flat().map((candidate) => result.ok && result.serves(candidate));
  expect([serves, translations]).toEqual([[true, true], 2]);
});

test('a long body is judged by the same rules, in turns', async () => {
  const input = Array.from({ length: 300 }, () => ({ role: 'user', content: 'Hello. '.repeat(200) }));
  expect(protocolsOf(await faithful({ input }, 'openai-responses'))).toEqual([
    ['openai-chat'],
    ['anthropic-messages'],
  ]);
  expect(
    await faithful({ input, truncation: 'auto', max_output_tokens: 9 }, 'openai-responses'),
  ).toMatchObject({
    ok: false,
    losses: [{ kind: 'dropped', field: 'truncation' }],
  });
});
