/** Bad days end to end: what a client sees when credentials fail in each of the ways in which they do. */
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { eventually } from '../eventually.ts';
import { clientKey, startTested } from '../gateway-harness.ts';
import { callOf, calls, jsonOf, send } from './calls.ts';
import { named, serving, startNamedUpstream } from './named-upstream.ts';
import type { Asked } from './upstream.ts';

const { answers, freshKeys, provider, tried, upstream } = startNamedUpstream(['m', 'other']);
const gateway = await startTested(serving(provider(['first'])));

afterAll(() => gateway[Symbol.asyncDispose]());

const failing = (status: number, headers: Record<string, string> = {}, error: JsonObject = {}) =>
  Response.json({ error: { message: `the upstream says ${status}`, ...error } }, { status, headers });
const chat = callOf('openai-chat');
const ask = async (model = 'm', headers: Record<string, string> = {}) =>
  (await send(gateway.url, chat, { model, headers })).text();

describe('all cooling down', () => {
  test('each protocol is told 429, when the first is back, and who is cooling down, why and until when', async () => {
    const [one = '', two = ''] = freshKeys(2);
    answers.set(one, () => failing(429, { 'retry-after': '70' }));
    answers.set(two, () => failing(429, {}, { type: 'usage_limit_reached', resets_in_seconds: 18 * 86_400 }));
    await gateway.reconfigure(serving(provider([one, two])));
    await ask();
    for (const call of calls) {
      const response = await send(gateway.url, call, { model: 'm' });
      expect(response.status).toBe(429);
      expect(Number(response.headers.get('retry-after'))).toBeWithin(60, 71);
      const { message = '' } = call.errorOf(await jsonOf(response));
      expect(message).toContain('All credentials for "m" are cooling down; the first is back in 1m');
      expect(message).toContain('quota until 20');
      expect(message).toContain('the upstream says 429');
    }
    expect(tried()).toEqual([one, two]);
  });

  test('a hint of eighteen days makes nobody wait longer than half an hour for the next try', async () => {
    const [only = ''] = freshKeys(1);
    answers.set(only, () => failing(429, { 'retry-after': String(18 * 86_400) }));
    await gateway.reconfigure(serving(provider([only])));
    await ask();
    const response = await send(gateway.url, chat, { model: 'm' });
    expect(Number(response.headers.get('retry-after'))).toBeWithin(1700, 1801);
  });

  test('keys that are refused are not a busy provider: 503', async () => {
    const [only = ''] = freshKeys(1);
    answers.set(only, () => failing(401));
    await gateway.reconfigure(serving(provider([only])));
    expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(401);
    const response = await send(gateway.url, chat, { model: 'other' });
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('auth until');
    expect(tried()).toEqual([only]);
  });

  test('a client key is told of those alone that it may use, whoever else is cooling down', async () => {
    const [own = '', foreign = ''] = freshKeys(2);
    answers.set(own, () => failing(429, { 'retry-after': '600' }));
    answers.set(foreign, () => failing(429, { 'retry-after': '60' }));
    await gateway.reconfigure({
      ...serving(provider([own], { name: 'own' }), provider([foreign], { name: 'foreign' })),
      'api-keys': [clientKey, { key: 'key-of-own-alone', providers: ['own'] }],
    });
    await ask();
    const headers = { authorization: 'Bearer key-of-own-alone' };
    const response = await send(gateway.url, chat, { model: 'm', headers });
    expect(Number(response.headers.get('retry-after'))).toBeWithin(590, 601);
    const text = await response.text();
    expect(text).toContain('own: quota');
    expect(text).not.toContain('foreign');
  });

  test('a 403 about one model leaves the other models', async () => {
    const [only = ''] = freshKeys(1);
    answers.set(only, (asked) =>
      new TextDecoder().decode(asked.body).includes('"m"') ? failing(403) : named(asked),
    );
    await gateway.reconfigure(serving(provider([only])));
    await ask('m');
    expect(await ask('other')).toContain(only);
    expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(503);
  });

  test('one that could not be reached a moment ago is tried all the same when it is the last', async () => {
    const [only = ''] = freshKeys(1);
    let failures = 1;
    answers.set(only, (asked) => (failures-- > 0 ? failing(503) : named(asked)));
    await gateway.reconfigure(serving(provider([only])));
    expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(503);
    expect(await ask()).toContain(only);
  });
});

test('a client mistake is answered at once and cools down nobody', async () => {
  const keys = freshKeys(2);
  const [one = '', two = ''] = keys;
  await gateway.reconfigure(serving(provider(keys)));
  for (const status of [400, 413, 422]) {
    upstream.asked.length = 0;
    for (const key of keys) answers.set(key, () => failing(status, {}, { code: 'context_length_exceeded' }));
    expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(status);
    expect(tried()).toHaveLength(1);
  }
  answers.clear();
  upstream.asked.length = 0;
  for (let i = 0; i < 2; i++) await ask();
  expect(tried().sort()).toEqual([one, two].sort());
});

test('max-retry-interval waits for a credential that is back soon, and answers at once when none is', async () => {
  const [only = ''] = freshKeys(1);
  let failures = 1;
  answers.set(only, (asked) => (failures-- > 0 ? failing(429, { 'retry-after-ms': '40' }) : named(asked)));
  await gateway.reconfigure({ ...serving(provider([only])), 'max-retry-interval': 1 });
  expect(await ask()).toContain(only);
  const [slow = ''] = freshKeys(1);
  answers.set(slow, () => failing(429, { 'retry-after': '5' }));
  await gateway.reconfigure({ ...serving(provider([slow])), 'max-retry-interval': 1 });
  const response = await send(gateway.url, chat, { model: 'm' });
  expect([response.status, response.headers.get('retry-after')]).toEqual([429, '5']);
});

test('max-retry-credentials limits how many are tried', async () => {
  const keys = freshKeys(4);
  for (const key of keys) answers.set(key, () => failing(500));
  await gateway.reconfigure({ ...serving(provider(keys)), 'max-retry-credentials': 2 });
  expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(500);
  expect(tried()).toHaveLength(2);
});

test('request-scoped-errors: the owner says which errors go on to the next credential and which stop', async () => {
  const [one = '', two = ''] = freshKeys(2);
  const rules = [
    { status: 400, match: ['policy'], action: 'continue' },
    { status: 500, 'match-regexp': ['is f[a-z]+l"'], action: 'stop' },
    { status: 409, action: 'stop-and-cooldown' },
  ];
  const strict = provider([one], { 'request-scoped-errors': rules, priority: 1 });
  await gateway.reconfigure(serving(strict, provider([two])));
  answers.set(one, () => failing(400, {}, { message: 'against our policy' }));
  expect(await ask()).toContain(two);
  answers.set(one, () => failing(500, {}, { message: 'this is fatal' }));
  expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(500);
  answers.set(one, () => failing(409));
  expect((await send(gateway.url, chat, { model: 'm' })).status).toBe(409);
  upstream.asked.length = 0;
  expect(await ask()).toContain(two);
  expect(tried()).toEqual([two]);
});

describe('strategies', () => {
  test('fill-first stays with the first until its quota is gone', async () => {
    const keys = freshKeys(2);
    const [one = '', two = ''] = keys;
    await gateway.reconfigure({ ...serving(provider(keys)), routing: { strategy: 'fill-first' } });
    for (let i = 0; i < 3; i++) await ask();
    answers.set(one, () => failing(429, { 'retry-after': '60' }));
    for (let i = 0; i < 2; i++) await ask();
    expect(tried()).toEqual([one, one, one, one, two, two]);
  });

  test('weighted-round-robin serves by weight', async () => {
    const [heavy = '', light = ''] = freshKeys(2);
    const entry = provider([], {
      name: 'weighted',
      'api-key-entries': [
        { 'api-key': heavy, weight: 3 },
        { 'api-key': light, weight: 1 },
      ],
    });
    await gateway.reconfigure({ ...serving(entry), routing: { strategy: 'weighted-round-robin' } });
    for (let i = 0; i < 8; i++) await ask();
    expect(tried().filter((key) => key === heavy)).toHaveLength(6);
  });

  test('quota-aware stops short of the wall: who says that little is left serves nobody while another can', async () => {
    const keys = freshKeys(2);
    const [one = '', two = ''] = keys;
    const left = (remaining: number) => (asked: Asked) => {
      const answer = named(asked);
      answer.headers.set('x-ratelimit-limit-requests', '100');
      answer.headers.set('x-ratelimit-remaining-requests', String(remaining));
      answer.headers.set('x-ratelimit-reset-requests', '6m0s');
      return answer;
    };
    answers.set(one, left(3));
    answers.set(two, left(80));
    await gateway.reconfigure({ ...serving(provider(keys)), routing: { strategy: 'quota-aware' } });
    for (let i = 0; i < 4; i++) await ask();
    expect(tried().filter((key) => key === one).length).toBeLessThanOrEqual(1);
  });

  test('least-busy gives requests at once to different credentials', async () => {
    const keys = freshKeys(3);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    for (const key of keys)
      answers.set(key, async (asked) => {
        await held;
        return named(asked);
      });
    await gateway.reconfigure({ ...serving(provider(keys)), routing: { strategy: 'least-busy' } });
    const all = [ask(), ask(), ask()];
    await eventually(() => upstream.asked.length === 3);
    release();
    await Promise.all(all);
    expect(new Set(tried()).size).toBe(3);
  });
});

describe('session affinity', () => {
  const settings = { routing: { 'session-affinity': true } };

  test('a conversation stays on its credential, others go round; when it dies another takes over for good', async () => {
    const keys = freshKeys(3);
    await gateway.reconfigure({ ...serving(provider(keys)), ...settings });
    const mine = { 'x-session-id': `session-of-${keys.join()}` };
    await ask('m', mine);
    const [own = ''] = tried();
    await ask('m', { 'x-session-id': 'another' });
    for (let i = 0; i < 4; i++) await ask('m', mine);
    expect(tried().filter((key) => key === own).length).toBeGreaterThanOrEqual(5);
    answers.set(own, () => failing(429, { 'retry-after': '60' }));
    upstream.asked.length = 0;
    for (let i = 0; i < 4; i++) await ask('m', mine);
    const [dead, next, ...later] = tried();
    expect(dead).toBe(own);
    expect(next).not.toBe(own);
    expect(later).toEqual([next ?? '', next ?? '', next ?? '']);
  });

  /** An answer after which so many tokens are in the provider's prompt cache. */
  const cachedAnswer = (tokens: number) => () =>
    Response.json({
      ...{ id: 'c', object: 'chat.completion', created: 1, model: 'm' },
      choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
      usage: {
        ...{ prompt_tokens: tokens, completion_tokens: 1, total_tokens: tokens + 1 },
        prompt_tokens_details: { cached_tokens: 0 },
      },
    });

  test.each([
    ['waits where its cache is worth more', 20_000, '60', {}, true],
    ['does not wait for little', 900, '60', {}, false],
    ['does not wait longer than the cache is worth', 2000, '900', {}, false],
    ['does not wait where the owner says so', 20_000, '60', { 'session-affinity-wait': 0 }, false],
  ])('a conversation whose credential is back soon %s', async (_what, tokens, back, routing, waits) => {
    const keys = freshKeys(2);
    for (const key of keys) answers.set(key, cachedAnswer(tokens));
    await gateway.reconfigure({
      ...serving(provider(keys)),
      routing: { 'session-affinity': true, ...routing },
    });
    const mine = { 'x-session-id': `session-of-${keys.join()}` };
    await ask('m', mine);
    const [own = ''] = tried();
    let failures = 1;
    answers.set(own, () =>
      failures-- > 0 ? failing(429, { 'retry-after-ms': back }) : cachedAnswer(tokens)(),
    );
    upstream.asked.length = 0;
    expect(await ask('m', mine)).toContain('ok');
    const other = keys.find((key) => key !== own) ?? '';
    expect(tried()).toEqual([own, waits ? own : other]);
  });
});

test('switch-preview-model goes on with the preview when the quota of the model is used up everywhere', async () => {
  const [only = ''] = freshKeys(1);
  const asked: string[] = [];
  answers.set(only, (one) => {
    const { model }: { model: string } = JSON.parse(new TextDecoder().decode(one.body));
    asked.push(model);
    return model === 'm' ? failing(429, { 'retry-after': '60' }) : named(one);
  });
  await gateway.reconfigure({
    ...serving(provider([only])),
    'quota-exceeded': { 'switch-preview-model': true, 'preview-models': { m: ['missing', 'other'] } },
  });
  expect(await ask()).toContain(only);
  expect(await ask()).toContain(only);
  expect(asked).toEqual(['m', 'other', 'other']);
});

test('an alias of several models is a fallback pool: another model serves while the quota of one is used up', async () => {
  const [only = ''] = freshKeys(1);
  const asked: string[] = [];
  answers.set(only, (one) => {
    const { model }: { model: string } = JSON.parse(new TextDecoder().decode(one.body));
    asked.push(model);
    return model === 'good' ? failing(429, { 'retry-after': '60' }) : named(one);
  });
  const models = ['good', 'spare'].map((name) => ({ name, alias: 'best' }));
  await gateway.reconfigure(serving(provider([only], { models })));
  for (let turn = 0; turn < 3; turn++) expect(await ask('best')).toContain(only);
  expect(asked).toEqual(['good', 'spare', 'spare', 'spare']);
});

test('an answer that breaks off lets its credential rest; a client that leaves does not', async () => {
  const keys = freshKeys(2);
  const [one = '', two = ''] = keys;
  answers.set(one, () => {
    const text =
      'data: {"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';
    return new Response(text, { headers: { 'content-type': 'text/event-stream' } });
  });
  await gateway.reconfigure({ ...serving(provider(keys)), routing: { strategy: 'fill-first' } });
  await (await send(gateway.url, chat, { model: 'm', stream: true })).text();
  expect(await ask()).toContain(two);
});

test('cooldowns outlast a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cooldowns-'));
  try {
    const [one = '', two = ''] = freshKeys(2);
    const settings = { ...serving(provider([one, two])), 'auth-dir': folder };
    answers.set(one, () => failing(429, { 'retry-after': '600' }));
    const first = await startTested(settings);
    await (await send(first.url, chat, { model: 'm' })).text();
    await first.stop();
    await first[Symbol.asyncDispose]();
    expect(readFileSync(join(folder, '.cooldowns.json'), 'utf8')).toContain('the upstream says 429');
    upstream.asked.length = 0;
    await using second = await startTested(settings);
    for (let i = 0; i < 3; i++) await (await send(second.url, chat, { model: 'm' })).text();
    expect(tried()).toEqual([two, two, two]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a TLS error and a quota error under another status are answered by the next credential', async () => {
  const [plain = '', odd = '', good = ''] = freshKeys(3);
  answers.set(odd, () => failing(403, {}, { code: 'RESOURCE_EXHAUSTED', message: 'Quota exceeded' }));
  const encrypted = provider([plain], {
    'base-url': `${upstream.url.replace('http:', 'https:')}/v1`,
    priority: 2,
  });
  await gateway.reconfigure(serving(encrypted, provider([odd], { priority: 1 }), provider([good])));
  expect(await ask()).toContain(good);
  expect(tried()).toEqual([odd, good]);
});
