import { expect, test } from 'bun:test';
import { z } from 'zod';
import { jsonBody } from './body.ts';
import { json } from './reply.ts';
import { route } from './route.ts';

const setter = route({
  method: 'PUT',
  v0: 'things/:name',
  answers: 'done',
  sentence: 'Sets a thing.',
  query: z.object({ mode: z.enum(['soft', 'hard']).optional() }),
  body: jsonBody(z.object({ value: z.boolean() }), { most: 100 }),
  run: ({ parameter, query, body }) => json([parameter('name'), query.mode, body.value]),
});

async function ask(body: string | ReadableStream<Uint8Array>, query = '') {
  const { response } = await setter.answer({
    request: new Request('http://gateway/', { method: 'PUT', body }),
    parameters: new Map([['name', 'x']]),
    search: new URLSearchParams(query),
    caller: { key: 'secret-key', address: '127.0.0.1' },
    api: 'v0',
  });
  return [response.status, JSON.parse(await response.text())];
}

test('what fits reaches the route as it was declared', async () => {
  expect(await ask('{"value":true}', 'mode=soft&mode=hard')).toEqual([200, ['x', 'soft', true]]);
});

test.each([
  ['{"value":"sk-canary"}', '', 'invalid body: value: expected boolean, received string'],
  ['{}', '', 'invalid body: value: expected boolean, received undefined'],
  ['{"value": sk-canary}', '', 'invalid body: expected JSON'],
  ['', '', 'invalid body: expected JSON'],
  ['{"value":true}', 'mode=sk-canary', 'invalid query: mode: Invalid option: expected one of "soft"|"hard"'],
])('%s?%s names the field and what was expected, and repeats nothing', async (body, query, error) => {
  expect(await ask(body, query)).toEqual([400, expect.objectContaining({ error })]);
});

test('a body beyond its bound is not read to its end, announced or not', async () => {
  const [status, { code }] = await ask(`{"value":${' '.repeat(200)}true}`);
  expect([status, code]).toEqual([413, 'body_too_large']);
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(new Uint8Array(64));
    },
  });
  expect((await ask(endless))[0]).toBe(413);
  expect(pulled).toBeLessThan(10);
});
