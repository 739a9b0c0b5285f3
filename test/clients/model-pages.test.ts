/** Lists of models page by page, as the official clients turn them. */
import { afterAll, describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { asArray, asObject, asString } from '../../src/protocols/json-members.ts';
import { jsonOf } from '../gateway/calls.ts';
import { clientKey, startTested } from '../gateway-harness.ts';

const names = ['m-1', 'm-2', 'm-3', 'm-4', 'org/m-5', 'short', 'z(high)'];
const gateway = await startTested({
  'openai-compatibility': [
    { name: 'local', 'base-url': 'http://127.0.0.1:1/v1', models: names.map((name) => ({ name })) },
  ],
});
afterAll(() => gateway[Symbol.asyncDispose]());

const anthropic = new Anthropic({ apiKey: clientKey, baseURL: gateway.url });
const google = new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: gateway.url } });
const openai = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1` });

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe.each([1, 2, 3, 6, 7, 1000])('A19: with %d models a page', (size) => {
  test('Anthropic’s client turns forwards through all', async () => {
    const found = await collected(anthropic.models.list({ limit: size }));
    expect(found.map(({ id }) => id)).toEqual(names);
  });

  test('Anthropic’s client turns backwards through all', async () => {
    const pages: string[][] = [];
    for await (const page of (await anthropic.models.list({ limit: size, before_id: 'z(high)' })).iterPages())
      pages.unshift(page.data.map(({ id }) => id));
    expect(pages.flat()).toEqual(names.slice(0, -1));
  });

  test('Google’s client turns through all', async () => {
    const found = await collected(await google.models.list({ config: { pageSize: size } }));
    expect(found.map(({ name }) => name)).toEqual(names.map((name) => `models/${name}`));
  });
});

test('A19: without a size of the page every client gets all models', async () => {
  expect((await collected(anthropic.models.list())).map(({ id }) => id)).toEqual(names);
  expect((await collected(await google.models.list())).length).toBe(names.length);
  expect((await collected(openai.models.list())).map(({ id }) => id)).toEqual(names);
});

test('A19: one model by its name', async () => {
  for (const id of names) {
    expect((await anthropic.models.retrieve(id)).id).toBe(id);
    expect((await openai.models.retrieve(id)).id).toBe(id);
    expect((await google.models.get({ model: id })).name).toBe(`models/${id}`);
  }
  await expect(anthropic.models.retrieve('nothing').then(({ id }) => id)).rejects.toThrow(
    Anthropic.NotFoundError,
  );
  await expect(google.models.get({ model: 'nothing' })).rejects.toThrow('NOT_FOUND');
});

const anthropicHeaders = { 'anthropic-version': '2023-06-01' };

function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(gateway.url + path, { headers: { authorization: `Bearer ${clientKey}`, ...headers } });
}

test('A19: a page of Anthropic’s list says where it begins, ends and whether there is more', async () => {
  const page = async (query: string) => {
    const body = asObject(await jsonOf(await ask(`/v1/models?${query}`, anthropicHeaders)));
    const ids = asArray(body?.data).map((model) => asString(asObject(model)?.id));
    return [ids, body?.first_id, body?.last_id, body?.has_more];
  };
  expect(await page('limit=2')).toEqual([['m-1', 'm-2'], 'm-1', 'm-2', true]);
  expect(await page('limit=2&after_id=m-2')).toEqual([['m-3', 'm-4'], 'm-3', 'm-4', true]);
  expect(await page('limit=2&after_id=org%2Fm-5')).toEqual([['short', 'z(high)'], 'short', 'z(high)', false]);
  expect(await page('after_id=z(high)')).toEqual([[], null, null, false]);
  expect(await page('limit=2&before_id=m-4')).toEqual([['m-2', 'm-3'], 'm-2', 'm-3', true]);
  expect(await page('limit=2&before_id=m-3')).toEqual([['m-1', 'm-2'], 'm-1', 'm-2', false]);
  expect(await page('before_id=m-1')).toEqual([[], null, null, false]);
});

test.each([
  'limit=0',
  'limit=1001',
  'limit=-1',
  'limit=ten',
  'limit=1.5',
  'after_id=x',
  'before_id=x',
  'after_id=m-1&before_id=m-2',
])('A19: Anthropic’s list refuses ?%s', async (query) => {
  const response = await ask(`/v1/models?${query}`, anthropicHeaders);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    type: 'error',
    error: { type: 'invalid_request_error', message: expect.stringContaining(query.split('=')[0] ?? '') },
  });
});

test.each(['pageSize=-1', 'pageSize=ten', 'pageToken=x', 'page_token=bm90aGluZw'])(
  'A19: Gemini’s list refuses ?%s',
  async (query) => {
    const asked = [
      ask(`/v1beta/models?${query}`),
      ask(`/v1/models?${query}`, { 'x-goog-api-key': clientKey }),
    ];
    for (const response of await Promise.all(asked)) {
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 400, status: 'INVALID_ARGUMENT' } });
    }
  },
);

test('A19: Gemini’s list takes 0 for no wish and more than 1000 for 1000', async () => {
  for (const size of [0, 5000]) {
    const body = asObject(await jsonOf(await ask(`/v1beta/models?pageSize=${size}`)));
    expect(asArray(body?.models).length).toBe(names.length);
    expect(body?.nextPageToken).toBeUndefined();
  }
});

test('A19: lists and models are found with a slash at the end of the address', async () => {
  for (const path of [
    '/v1/models/',
    '/v1beta/models/',
    '/v1/models/short/',
    '/v1beta/models/short/',
    '/healthz/',
  ])
    expect((await ask(path)).status).toBe(200);
});
