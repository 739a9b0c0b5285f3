import { expect, test } from 'bun:test';
import { z } from 'zod';
import { atOnce } from '../ground/steps.ts';
import { jsonBody } from './body.ts';
import { openApiDocument, referenceTable } from './open-api.ts';
import { done } from './reply.ts';
import { route } from './route.ts';

const routes = [
  route({
    method: 'PATCH',
    v0: 'things/:name',
    v8: 'things/*path',
    answers: 'done',
    sentence: 'Changes a | thing.',
    query: z.object({ mode: z.enum(['soft', 'hard']).optional() }),
    body: jsonBody(z.object({ value: z.boolean() })),
    run: () => done(),
  }),
  route({
    method: 'GET',
    root: '/a/callback',
    access: 'anyone',
    answers: { types: ['text/html'] },
    sentence: 'A callback.',
    run: () => done(),
  }),
];

test('each place of a route is a path of the document, with what it takes', () => {
  const { paths } = JSON.parse(JSON.stringify(atOnce(openApiDocument(routes, '1.2.3'))));
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

test('16: what a schema defines for itself is found in the document', () => {
  const anything = route({
    method: 'POST',
    v0: 'things',
    v8: 'things',
    answers: 'done',
    sentence: 'Takes anything.',
    query: z.object({ like: z.json().optional() }),
    body: jsonBody(z.object({ fields: z.record(z.string(), z.json()) })),
    run: () => done(),
  });
  const document = JSON.parse(JSON.stringify(atOnce(openApiDocument([anything], '1'))));
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]*)"/g)].map(
    ([, path = '']) => path,
  );
  expect(references.length).toBeGreaterThan(3);
  for (const path of references) {
    const found = path
      .split('/')
      .slice(1)
      .reduce((at, name) => at?.[name], document);
    expect([path, typeof found]).toEqual([path, 'object']);
  }
  expect(Object.keys(document.components.schemas)).toEqual(['Error', 'Shared1', 'Done']);
});

test('16: each operation has a name of its own, and says what stands in its path', () => {
  const { paths } = JSON.parse(JSON.stringify(atOnce(openApiDocument(routes, '1'))));
  const operations = Object.entries<
    Record<string, { operationId: string; parameters?: { in: string; name: string }[] }>
  >(paths).flatMap(([path, methods]) => Object.values(methods).map((operation) => ({ path, ...operation })));
  const names = operations.map(({ operationId }) => operationId);
  expect(names).toEqual(['v0_patch_things_name', 'v8_patch_things_path', 'root_get_a_callback']);
  for (const { path, parameters = [] } of operations)
    expect([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(
      parameters.filter((one) => one.in === 'path').map(({ name }) => name),
    );
});

test('the table has a row for each place', () => {
  expect(referenceTable(routes).split('\n').slice(2)).toEqual([
    '| `PATCH /v0/management/things/{name}` | `?mode`, `value` | Changes a \\| thing. | [done](#done) |  |',
    '| `PATCH /v8/management/things/{path}` | `?mode`, `value` | Changes a \\| thing. | [done](#done) |  |',
    '| `GET /a/callback` | no key | A callback. | text/html |  |',
  ]);
});
