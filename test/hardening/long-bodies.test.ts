/**
 * Whatever has to read all of a long body takes turns with others: twice the body, twice the turns. On every way on which a request is read by
 * somebody before, or beside, the one who sends it on.
 */
import { afterAll, beforeAll, expect, spyOn, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, configOf, modelOver } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { idIn, smallAnswer } from './small-answers.ts';

const upstream = startUpstream(smallAnswer);
const folder = mkdtempSync(join(tmpdir(), 'long-bodies-'));
const turns = spyOn(globalThis, 'setImmediate');
beforeAll(() => {
  turns.mockClear();
});
afterAll(() => {
  turns.mockRestore();
  upstream[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const models = sandboxModels(upstream.url, 'upstream-model');
const log = createLog({ level: 'silent', format: 'json' });

interface Way {
  what: string;
  settings?: JsonObject;
  path: string;
  /** The body with so many texts of a kilobyte in it. */
  body: (texts: string[]) => unknown;
  status?: number;
}

const chat = '/v1/chat/completions';
const said = (role: string) => (text: string) => ({ role, content: text });
const messages = (texts: string[]) => texts.map(said('user'));
const anthropic = modelOver['anthropic-messages'];

const ways: readonly Way[] = [
  { what: 'a translation', path: chat, body: (texts) => ({ model: anthropic, messages: messages(texts) }) },
  {
    what: 'a suffix of the model',
    path: chat,
    body: (texts) => ({ model: `${modelOver['openai-chat']}(high)`, messages: messages(texts) }),
  },
  {
    what: "the owner's rules",
    settings: { payload: { override: [{ models: [{ name: '*' }], params: { seed: 1 } }] } },
    path: chat,
    body: (texts) => ({ model: modelOver['openai-chat'], messages: messages(texts) }),
  },
  {
    what: 'rules of a model route',
    settings: {
      'model-routes': {
        routed: { models: [modelOver['openai-chat']], rules: [{ when: 'web-search', models: [anthropic] }] },
      },
    },
    path: chat,
    body: (texts) => ({ model: 'routed', messages: messages(texts) }),
  },
  {
    what: 'strict translation',
    settings: { translation: { strict: true } },
    path: chat,
    body: (texts) => ({ model: anthropic, messages: messages(texts) }),
  },
  {
    what: 'an answer that it goes on from',
    path: '/v1/responses',
    body: (texts) => ({
      model: modelOver['openai-chat'],
      previous_response_id: 'PREVIOUS',
      input: messages(texts),
    }),
  },
  {
    what: 'ids of several clients',
    settings: { 'api-keys': [clientKey, 'another-client-of-the-tests'] },
    path: '/v1/messages',
    body: (texts) => ({ model: anthropic, max_tokens: 9, container: 'mine', messages: messages(texts) }),
  },
  {
    what: 'a count',
    path: '/v1/messages/count_tokens',
    body: (texts) => ({ model: modelOver['openai-chat'], messages: messages(texts) }),
  },
  {
    what: '/v1/completions',
    path: '/v1/completions',
    body: (texts) => ({ model: anthropic, prompt: 'x', texts }),
  },
  {
    what: 'what is no JSON at its end',
    path: chat,
    body: (texts) => `${JSON.stringify({ model: anthropic, messages: messages(texts) }).slice(0, -1)},}`,
    status: 400,
  },
];

test.each(ways)(
  'a long body is read in turns for $what',
  async ({ settings = {}, path, body, status = 200 }) => {
    const config = configOf({ 'auth-dir': mkdtempSync(join(folder, 'accounts-')), ...models, ...settings });
    const gateway = await startGateway({ config, version, log });
    const post = (to: string, asked: unknown) =>
      fetch(gateway.url + to, {
        method: 'POST',
        headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
        body: typeof asked === 'string' ? asked : JSON.stringify(asked),
      });
    try {
      const earlier = await post('/v1/responses', { model: modelOver['openai-chat'], input: 'x' });
      const previous = idIn(await earlier.text());
      const turnsFor = async (count: number): Promise<number> => {
        const texts = Array.from({ length: count }, (_, at) => `${at} ${'words '.repeat(170)}`);
        const asked = JSON.parse(JSON.stringify({ body: body(texts) }).replace('PREVIOUS', previous)).body;
        const before = turns.mock.calls.length;
        const answer = await post(path, asked);
        await answer.text();
        expect(answer.status).toBe(status);
        return turns.mock.calls.length - before;
      };
      const once = await turnsFor(1000);
      const twice = await turnsFor(2000);
      // A step of the parser is 128 KiB at most.
      expect(once).toBeGreaterThanOrEqual(7);
      expect(twice - once).toBeGreaterThanOrEqual(7);
    } finally {
      await gateway.stop();
    }
  },
);

test('session affinity reads no more of a long body than its beginning', async () => {
  const config = configOf({
    'auth-dir': mkdtempSync(join(folder, 'accounts-')),
    ...models,
    routing: { 'session-affinity': true },
  });
  const gateway = await startGateway({ config, version, log });
  const parse = spyOn(JSON, 'parse');
  try {
    const texts = Array.from({ length: 2000 }, () => 'words '.repeat(170));
    const answer = await fetch(gateway.url + chat, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: modelOver['openai-chat'], messages: messages(texts) }),
    });
    await answer.text();
    expect(answer.status).toBe(200);
    const longest = Math.max(...parse.mock.calls.map(([text]) => text.length));
    expect(longest).toBeLessThan(10_000);
  } finally {
    parse.mockRestore();
    await gateway.stop();
  }
});
