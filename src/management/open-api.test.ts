import { expect, test } from 'bun:test';
import { z } from 'zod';
import { jsonBody } from './body.ts';
import { openApiDocument, referenceTable } from './open-api.ts';
import { done } from './reply.ts';
import { route } from './route.ts';

const routes = [
  route({
    method: 'PATCH',
    v0: 'things/:name',
    v8: 'things/*path',
    sentence: 'Changes a | thing.',
    query: z.object({ mode: z.enum(['soft', 'hard']).optional() }),
    body: jsonBody(z.object({ value: z.boolean() })),
    run: () => done(),
  }),
  route({ method: 'GET', root: '/a/callback', access: 'anyone', sentence: 'A callback.', run: () => done() }),
];

test('each place of a route is a path of the document, with what it takes', () => {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument(routes, '1.2.3')));
  expect(Object.keys(paths)).toEqual([
    '/v0/management/things/{name}',
    '/v8/management/things/{path}',
    '/a/callback',
  ]);
  const { parameters, requestBody } = paths['/v0/management/things/{name}'].patch;
  expect(parameters).toEqual([
    { name: 'name', in: 'path', required: true, schema: { type: 'string' } },
    { name: 'mode', in: 'query', required: false, schema: { type: 'string', enum: ['soft', 'hard'] } },
  ]);
  expect(requestBody.content['application/json'].schema).toMatchObject({
    type: 'object',
    properties: { value: { type: 'boolean' } },
    required: ['value'],
  });
  expect(paths['/a/callback'].get.security).toEqual([]);
});

test('the table has a row for each place', () => {
  expect(referenceTable(routes).split('\n').slice(2)).toEqual([
    '| `PATCH /v0/management/things/{name}` | `?mode`, `value` | Changes a \\| thing. |',
    '| `PATCH /v8/management/things/{path}` | `?mode`, `value` | Changes a \\| thing. |',
    '| `GET /a/callback` | no key | A callback. |',
  ]);
});
