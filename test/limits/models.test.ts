import { afterAll, describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { officialClients } from '../clients/official.ts';
import { modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';
import { limitedKeys, refusal } from './keys.ts';

const keys = limitedKeys();
const all = Object.values(modelOver).sort();
const rows = [
  { title: 'models by name', key: keys.key({ models: [modelOver.gemini] }), sees: [modelOver.gemini] },
  {
    title: 'models by pattern',
    key: keys.key({ models: ['*-over-chat', '*-anthropic'] }),
    sees: [modelOver['anthropic-messages'], modelOver['openai-chat']],
  },
  {
    title: 'providers by kind',
    key: keys.key({ providers: ['claude', 'gemini'] }),
    sees: [modelOver['anthropic-messages'], modelOver.gemini],
  },
  {
    title: 'providers by pattern',
    key: keys.key({ providers: ['open*'] }),
    sees: [modelOver['openai-chat'], modelOver['openai-responses']],
  },
  {
    title: 'a provider by the name of its entry',
    key: keys.key({ providers: ['compatible'] }),
    sees: [modelOver['openai-chat']],
  },
  {
    title: 'models and providers',
    key: keys.key({ models: ['*chat', '*gemini'], providers: ['gemini'] }),
    sees: [modelOver.gemini],
  },
  { title: 'neither', key: keys.key({ concurrency: 100 }), sees: all },
];

const sandbox = sandboxOfTests();
const gateway = await startTested({
  ...sandboxModels(sandbox.url),
  'api-keys': keys.entries,
});
const { url } = gateway;
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

/** The status of the error that a client's promise ends with; undefined for an answer. Some are no native promises. */
async function statusOf(ask: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await ask();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'status' in error ? error.status : error;
  }
}

describe.each(rows)('a key limited by $title', ({ key, sees }) => {
  const openai = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: key, baseURL: url, maxRetries: 0 });
  const gemini = new GoogleGenAI({ apiKey: key, vertexai: false, httpOptions: { baseUrl: url } });
  const hidden = all.filter((model) => !sees.includes(model));

  test('sees its models in every list, and no others', async () => {
    const own = sees.toSorted();
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(own);
    expect((await anthropic.models.list()).data.map(({ id }) => id)).toEqual(own);
    const listed: (string | undefined)[] = [];
    for await (const { name } of await gemini.models.list()) listed.push(name?.replace('models/', ''));
    expect(listed).toEqual(own);
  });

  test('finds single models as they are listed', async () => {
    for (const model of sees) expect((await openai.models.retrieve(model)).id).toBe(model);
    for (const model of hidden) {
      expect(await statusOf(() => openai.models.retrieve(model))).toBe(404);
      expect(await statusOf(() => anthropic.models.retrieve(model))).toBe(404);
      expect(await statusOf(() => gemini.models.get({ model }))).toBe(404);
    }
  });

  test.each(officialClients.map((client) => ({ client, name: client.name })))(
    'is answered by those alone: $name',
    async ({ client }) => {
      for (const model of sees)
        expect((await client.open({ url, key, model, stream: true }).say('say 2 words')).text).toBe(
          'word1 word2',
        );
      for (const model of hidden)
        for (const stream of [false, true]) {
          const shown = await refusal({ client, stream }, { url, key, model });
          expect([403, 404]).toContain(shown.status ?? 0);
          expect(shown.message).toContain('this key');
        }
    },
  );
});

test('a model that a key may not use is not told from one that there is not, and no name is given away', async () => {
  const [first] = rows;
  const key = first?.key ?? '';
  const messages: string[] = [];
  for (const client of officialClients)
    for (const model of [modelOver['openai-chat'], 'model-over-chats']) {
      const shown = await refusal({ client, stream: false }, { url, key, model });
      expect(shown.status).toBe(404);
      messages.push(shown.message.replace(model, '…'));
    }
  for (const message of messages) for (const model of all) expect(message).not.toContain(model);
  expect(new Set(messages).size).toBeLessThanOrEqual(officialClients.length);
});

test('a model that only other providers serve is a 403', async () => {
  const key = rows.find(({ title }) => title === 'providers by kind')?.key ?? '';
  for (const client of officialClients) {
    const shown = await refusal({ client, stream: true }, { url, key, model: modelOver['openai-chat'] });
    expect(shown.status).toBe(403);
    expect(shown.message).toContain('No provider that this key may use serves the model');
  }
});
