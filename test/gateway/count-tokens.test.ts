/** Counting tokens where the service behind the credential has no address for it. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { asNumber, asObject } from '../../src/protocols/json-members.ts';
import { startTested } from '../gateway-harness.ts';
import { jsonOf, post } from './calls.ts';
import { startUpstream } from './upstream.ts';

let answer: () => Response = () => new Response();
const upstream = startUpstream(() => answer());
const models = [{ name: 'the-model' }];
const gateway = await startTested({
  'gemini-api-key': [{ 'api-key': 'key-of-gemini', prefix: 'g', 'base-url': upstream.url, models }],
  'claude-api-key': [{ 'api-key': 'key-of-claude', prefix: 'c', 'base-url': upstream.url, models }],
  'codex-api-key': [{ 'api-key': 'key-of-openai', prefix: 'o', 'base-url': `${upstream.url}/v1`, models }],
});
beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  upstream[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const text = 'Count me, please. '.repeat(40);
const contents = [{ role: 'user', parts: [{ text }] }];
/** Every way to ask for a count; `image` goes in as a file. */
const asking = (model: string, image = '') => [
  {
    path: '/v1/messages/count_tokens',
    field: 'input_tokens',
    body: {
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text },
            ...(image === ''
              ? []
              : [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }]),
          ],
        },
      ],
    },
  },
  { path: '/v1/responses/input_tokens', field: 'input_tokens', body: { model, input: text } },
  { path: `/v1beta/models/${model}:countTokens`, field: 'totalTokens', body: { contents } },
  {
    path: `/v1beta/models/${model}:countTokens`,
    field: 'totalTokens',
    body: { generateContentRequest: { model: `models/${model}`, contents } },
  },
];

const absent: { says: string; response: () => Response }[] = [
  { says: '404, no words', response: () => new Response(null, { status: 404 }) },
  { says: '404, a page', response: () => new Response('404 page not found', { status: 404 }) },
  { says: '404 of FastAPI', response: () => Response.json({ detail: 'Not Found' }, { status: 404 }) },
  {
    says: '404 of Express, with the address in it',
    response: () =>
      new Response('<pre>Cannot POST /v1beta/models/the-model:countTokens</pre>', { status: 404 }),
  },
  {
    says: '404 in Anthropic’s words',
    response: () =>
      Response.json(
        { type: 'error', error: { type: 'not_found_error', message: 'Not Found' } },
        { status: 404 },
      ),
  },
  { says: '405', response: () => Response.json({ error: 'method not allowed' }, { status: 405 }) },
];

describe.each(['g', 'c', 'o'])('A25: over %s', (prefix) => {
  const cases = asking(`${prefix}/the-model`).flatMap((one) => absent.map((way) => ({ ...one, ...way })));
  test.each(cases)(
    '$path is estimated where the service says $says',
    async ({ path, body, field, response }) => {
      answer = response;
      // Twice: no credential cools down for it.
      for (let i = 0; i < 2; i++) {
        const counted = await post(gateway.url + path, body);
        expect(counted.status).toBe(200);
        expect(counted.headers.get('x-token-count')).toBe('estimate');
        const tokens = asNumber(asObject(await jsonOf(counted))?.[field]) ?? 0;
        expect(tokens).toBeGreaterThan(text.length / 6);
        expect(tokens).toBeLessThan(text.length / 2);
      }
      expect(upstream.asked.length).toBe(2);
    },
  );

  test('a model that the service does not have is no estimate', async () => {
    answer = () =>
      Response.json(
        { type: 'error', error: { type: 'not_found_error', message: 'model: the-model' } },
        { status: 404 },
      );
    const [one] = asking(`${prefix}/the-model`);
    expect((await post(gateway.url + one?.path, one?.body ?? {})).status).toBe(404);
  });
});

test('A25: a file counts as a file in an estimate, not by the letters of its base64', async () => {
  answer = () => new Response(null, { status: 404 });
  const [one] = asking('o/the-model', 'A'.repeat(400_000));
  const counted = await post(gateway.url + one?.path, one?.body ?? {});
  expect(counted.headers.get('x-token-count')).toBe('estimate');
  expect(asObject(await jsonOf(counted))?.input_tokens).toBeLessThan(3000);
});

test('H4: what an estimate reads is bounds.token-estimate, as configured', async () => {
  answer = () => new Response(null, { status: 404 });
  await using bounded = await startTested({
    'codex-api-key': [{ 'api-key': 'key-of-openai', 'base-url': `${upstream.url}/v1`, models }],
    bounds: { 'token-estimate': '512' },
  });
  const [one] = asking('the-model', 'A'.repeat(400_000));
  const counted = await post(bounded.url + one?.path, one?.body ?? {});
  // The file lies behind what is read: it counts by its length.
  expect(asObject(await jsonOf(counted))?.input_tokens).toBeGreaterThan(90_000);
});
