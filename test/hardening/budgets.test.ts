/** M2: what a key may use holds against every way to write how much is wanted: many requests at once are each held against it. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { eventually } from '../eventually.ts';
import { post } from '../gateway/calls.ts';
import { startUpstream } from '../gateway/upstream.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { limitedKeys } from '../limits/keys.ts';

const limit = 30_000;
const keys = limitedKeys();
let answerLater = false;
/** Requests are answered once all of them have come or been refused: nothing is settled in between. */
let answered = Promise.withResolvers<void>();
const upstream = startUpstream(async () => {
  if (answerLater)
    return Response.json({
      id: 'resp_1',
      object: 'response',
      status: 'queued',
      model: 'm',
      output: [],
      usage: null,
    });
  await answered.promise;
  return Response.json({ error: { message: 'x' } }, { status: 400 });
});
const names = { ...modelOver, 'anthropic-messages': 'haiku' };

const long = 'many words '.repeat(10_000);
const letters = 'A'.repeat(110_000);
const chat = (model: string, more: JsonObject): JsonObject => ({
  model,
  messages: [{ role: 'user', content: 'x' }],
  ...more,
});
const claude = (model: string, more: JsonObject): JsonObject => chat(model, { max_tokens: 1, ...more });
const said = (content: JsonObject): JsonObject => ({ messages: [{ role: 'user', content: [content] }] });
const gemini = (more: JsonObject): JsonObject => ({ contents: [{ parts: [{ text: 'x' }] }], ...more });
const geminiAt = `/v1beta/models/${names.gemini}:generateContent`;

const attacks: [what: string, path: string, body: JsonObject][] = [
  [
    'two limits',
    '/v1/chat/completions',
    chat(names['openai-chat'], { max_tokens: 1, max_completion_tokens: 20_000 }),
  ],
  [
    'a word of llama.cpp',
    '/v1/chat/completions',
    chat(names['openai-chat'], { max_tokens: 1, n_predict: 20_000 }),
  ],
  ['capitals', '/v1/chat/completions', chat(names['openai-chat'], { max_tokens: 1, MAX_TOKENS: 20_000 })],
  [
    'members that a gateway behind adds',
    '/v1/chat/completions',
    chat(names['openai-chat'], { max_tokens: 1, extra_body: { max_tokens: 20_000 } }),
  ],
  [
    'options of Ollama',
    '/v1/chat/completions',
    chat(names['openai-chat'], { max_tokens: 1, options: { num_predict: 20_000 } }),
  ],
  [
    'parameters of Hugging Face',
    '/v1/chat/completions',
    chat(names['openai-chat'], { max_tokens: 1, parameters: { max_new_tokens: '2e4' } }),
  ],
  ['a sign in a text', '/v1/chat/completions', chat(names['openai-chat'], { max_tokens: '+20000' })],
  ['several answers', '/v1/chat/completions', chat(names['openai-chat'], { max_tokens: 7000, n: 3 })],
  [
    'both spellings',
    geminiAt,
    gemini({ generationConfig: { maxOutputTokens: 1, max_output_tokens: 20_000 } }),
  ],
  [
    'two groups of settings',
    geminiAt,
    gemini({ generationConfig: { maxOutputTokens: 1 }, generation_config: { max_output_tokens: 20_000 } }),
  ],
  [
    'Interactions',
    '/v1beta/interactions',
    { model: names.gemini, input: 'x', generation_config: { max_output_tokens: 20_000 } },
  ],
  [
    'the older completions',
    '/v1/completions',
    { model: names['openai-chat'], prompt: 'x', max_tokens: 20_000 },
  ],
  ['a suffix that raises the limit', '/v1/messages', claude('haiku(20000)', {})],
  ['an effort in the suffix', '/v1/chat/completions', chat('haiku(high)', { max_tokens: 1 })],
  [
    'an effort that raises the limit',
    '/v1/chat/completions',
    chat('haiku', { max_tokens: 1, reasoning_effort: 'high' }),
  ],
  [
    'the same of Responses',
    '/v1/responses',
    { model: 'haiku', input: 'x', max_output_tokens: 16, reasoning: { effort: 'high' } },
  ],
  [
    'a budget of Gemini',
    '/v1beta/models/haiku:generateContent',
    gemini({ generationConfig: { maxOutputTokens: 1, thinkingConfig: { thinkingBudget: 20_000 } } }),
  ],
  [
    'a model that falls in',
    '/v1/messages',
    claude('haiku', { fallbacks: [{ model: 'haiku', max_tokens: 20_000 }] }),
  ],
  [
    'a text document',
    '/v1/messages',
    claude(
      'haiku',
      said({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: long } }),
    ),
  ],
  [
    'the same without spaces',
    '/v1/messages',
    claude(
      'haiku',
      said({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: letters } }),
    ),
  ],
  [
    'words behind the mark of a file',
    '/v1/chat/completions',
    chat(names['openai-chat'], {
      max_tokens: 1,
      ...said({ type: 'text', text: `data:image/png;base64,${letters}` }),
    }),
  ],
  [
    'arguments that look like a file',
    '/v1/messages',
    claude('haiku', {
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', name: 'b', input: { media_type: 'image/png', data: letters } },
          ],
        },
        { role: 'user', content: 'x' },
      ],
    }),
  ],
];

const later = keys.key({ budget: { day: { tokens: 100_000 } } });
const taken = attacks.map(([what]) => ({ what, key: keys.key({ 'tokens-per-minute': limit }) }));
const gateway = await startTested({
  ...everyUpstream(upstream.url, (protocol) => [
    { name: protocol === 'anthropic-messages' ? 'claude-haiku-4-5' : 'm', alias: names[protocol] },
  ]),
  'api-keys': keys.entries,
  'disable-cooling': true,
  'request-retry': 0,
});
beforeEach(() => {
  upstream.asked.length = 0;
  answered = Promise.withResolvers();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

describe(`M2: of twenty requests at once a key with ${limit} tokens a minute gets two through`, () => {
  test.each(attacks)('%s', async (what, path, body) => {
    const key = taken.find((one) => one.what === what)?.key ?? '';
    let refused = 0;
    const asking = Array.from({ length: 20 }, async () => {
      const response = await post(gateway.url + path, body, { headers: { authorization: `Bearer ${key}` } });
      if (response.status === 429) refused += 1;
      await response.text();
    });
    await eventually(() => refused + upstream.asked.length >= 20);
    expect(upstream.asked.length).toBeLessThanOrEqual(2);
    answered.resolve();
    await Promise.all(asking);
  });
});

test.each([true, 1, 'true'])(
  'M2: an answer that is made later counts as what it may come to: background %p',
  async (background) => {
    answerLater = true;
    const headers = { authorization: `Bearer ${later}` };
    const used = async () => {
      const { limits } = JSON.parse(await (await fetch(`${gateway.url}/v1/usage`, { headers })).text());
      return Number(limits[0].used);
    };
    const before = await used();
    const body = { model: names['openai-responses'], input: 'x', max_output_tokens: 20_000, background };
    const response = await post(`${gateway.url}/v1/responses`, body, { headers });
    await response.text();
    answerLater = false;
    expect(response.status).toBe(200);
    expect((await used()) - before).toBeGreaterThanOrEqual(20_000);
  },
);

test.each([
  ['fields', 'fields=candidates'],
  ['$fields', '%24fields=candidates(content)'],
  ['another method', '$httpMethod=GET&x-http-method-override=GET'],
  ['a login', 'access_token=x&oauth_token=y&bearer_token=z&api_key=k'],
  ['whose quota it is', 'quotaUser=x&$userProject=y'],
  ['a page’s function', 'callback=x&uploadType=media'],
])('M2: what of a query could change what Google counts is not sent: %s', async (_, query) => {
  answered.resolve();
  for (const path of [geminiAt, '/v1beta/interactions']) {
    const body = { model: names.gemini, input: 'x', contents: [{ parts: [{ text: 'x' }] }] };
    const headers = { authorization: `Bearer ${later}` };
    await post(`${gateway.url}${path}?alt=json&${query}&prettyPrint=false`, body, { headers });
    expect(new URL(upstream.asked.at(-1)?.path ?? '', upstream.url).search).toBe(
      '?alt=json&prettyPrint=false',
    );
  }
});
