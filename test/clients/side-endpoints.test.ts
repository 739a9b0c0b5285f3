import { afterAll, expect, test } from 'bun:test';
import { GoogleGenAI } from '@google/genai';
import OpenAI, { toFile } from 'openai';
import { eventually } from '../eventually.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';

/** A service of OpenAI's kind that has images and sound, and says what it was asked. */
const asked: { path: string; model: unknown; file?: string; key: string | null }[] = [];
/** The latest form as it came, and whether the latest stream was let go. */
let fields: unknown[][] = [];
let letGo = false;
const service = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const path = new URL(request.url).pathname;
    const key = request.headers.get('authorization');
    if (request.headers.get('content-type')?.startsWith('multipart/')) {
      const form = await request.formData();
      fields = [...form].map(([name, value]) =>
        typeof value === 'string' ? [name, value] : [name, value.name, value.type, value.size],
      );
      const file = form.get('file') ?? form.get('image');
      const text = file === null || typeof file === 'string' ? undefined : await file.text();
      asked.push({ path, model: form.get('model'), file: text, key });
    } else {
      const body: unknown = await request.json();
      const text = JSON.stringify(body);
      if (text.includes('forbidden')) return Response.json(refusal, { status: 400 });
      if (text.includes('"stream":true')) return imageStream();
      const model = typeof body === 'object' && body !== null && 'model' in body ? body.model : undefined;
      asked.push({ path, model, key });
    }
    if (path.endsWith('/speech'))
      return new Response(new Uint8Array([0xff, 0xfb, 0x00]), { headers: { 'content-type': 'audio/mpeg' } });
    if (path.endsWith('/transcriptions')) return Response.json({ text: 'what was said' });
    if (path.endsWith('/compact'))
      return Response.json({ id: 'resp_1', object: 'response.compaction', output: [] });
    return Response.json({ created: 1, data: [{ b64_json: 'aW1hZ2U=' }] });
  },
});

const refusal = {
  error: {
    message: 'Your request was rejected by the safety system.',
    type: 'image_generation_user_error',
    param: null,
    code: 'moderation_blocked',
  },
};

/** One event at once, then nothing until the client leaves. */
function imageStream(): Response {
  letGo = false;
  const partial = { type: 'image_generation.partial_image', b64_json: 'aW1hZ2U=', partial_image_index: 0 };
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) =>
      controller.enqueue(
        new TextEncoder().encode(`event: ${partial.type}\ndata: ${JSON.stringify(partial)}\n\n`),
      ),
    cancel() {
      letGo = true;
    },
  });
  return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
}

const sandbox = sandboxOfTests();
const everybody = sandboxModels(sandbox.url);
const gateway = await startTested({
  ...everybody,
  'codex-api-key': [
    {
      'api-key': 'key-of-media',
      'base-url': `${service.url}v1`,
      models: [{ name: 'upstream-model', alias: 'media' }],
    },
    {
      'api-key': 'key-of-openai',
      'base-url': `${sandbox.url}/v1`,
      models: [{ name: 'sandbox', alias: 'embed-openai' }],
    },
  ],
});
const openai = new OpenAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
const google = new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: gateway.url } });
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await service.stop(true);
});

test('an image is made by the upstream, under its own name of the model and with its own key', async () => {
  const made = await openai.images.generate({ model: 'media', prompt: 'a boat' });
  expect(made.data?.[0]?.b64_json).toBe('aW1hZ2U=');
  expect(asked.at(-1)).toEqual({
    path: '/v1/images/generations',
    model: 'upstream-model',
    key: 'Bearer key-of-media',
  });
});

test('files of forms reach the upstream whole, with the model renamed', async () => {
  const image = await toFile(Buffer.from('the bytes of an image'), 'boat.png', { type: 'image/png' });
  await openai.images.edit({ model: 'media', image, prompt: 'a sail' });
  expect(asked.at(-1)).toMatchObject({
    path: '/v1/images/edits',
    model: 'upstream-model',
    file: 'the bytes of an image',
  });
  const file = await toFile(Buffer.from('the bytes of a sound'), 'word.wav');
  expect((await openai.audio.transcriptions.create({ model: 'media', file })).text).toBe('what was said');
  expect(asked.at(-1)).toMatchObject({ model: 'upstream-model', file: 'the bytes of a sound' });
});

test('several files and repeated fields keep their order, names, types and bytes', async () => {
  const images = await Promise.all([
    toFile(Buffer.from([0, 13, 10, 45, 45, 255]), 'première image.png', { type: 'image/png' }),
    toFile(Buffer.from('second'), 'two.webp', { type: 'image/webp' }),
  ]);
  await openai.images.edit({ model: 'media', image: images, prompt: 'one\r\ntwo', n: 2 });
  expect(fields).toEqual(
    expect.arrayContaining([
      ['model', 'upstream-model'],
      ['image[]', 'première image.png', 'image/png', 6],
      ['image[]', 'two.webp', 'image/webp', 6],
      ['prompt', 'one\r\ntwo'],
      ['n', '2'],
    ]),
  );
  const names = fields.flatMap(([name, file]) => (name === 'image[]' ? [file] : []));
  expect(names).toEqual(['première image.png', 'two.webp']);
});

test.each([
  { what: 'without a model', fill: (sent: FormData) => sent.append('prompt', 'a sail'), names: 'model' },
  { what: 'that is none', fill: () => undefined, type: 'multipart/form-data; boundary=x', names: 'form' },
])('a form $what is a 400 that says so', async ({ fill, type, names }) => {
  const sent = new FormData();
  fill(sent);
  const answer = await fetch(`${gateway.url}/v1/images/edits`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, ...(type && { 'content-type': type }) },
    body: sent,
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining(names) } });
});

test('pieces of an image come while it is made, and a client that leaves ends the making', async () => {
  const stream = await openai.images.generate({ model: 'media', prompt: 'a boat', stream: true });
  for await (const event of stream) {
    expect(event.type).toBe('image_generation.partial_image');
    break;
  }
  stream.controller.abort();
  await eventually(() => letGo);
});

test('an upstream that refuses keeps its words', async () => {
  const refused = Promise.resolve(openai.images.generate({ model: 'media', prompt: 'forbidden' }));
  await expect(refused).rejects.toMatchObject({
    status: 400,
    code: 'moderation_blocked',
    type: 'image_generation_user_error',
    message: expect.stringContaining('rejected by the safety system'),
  });
});

test('speech comes back as the bytes it is', async () => {
  const spoken = await openai.audio.speech.create({ model: 'media', voice: 'alloy', input: 'Hello' });
  expect(spoken.headers.get('content-type')).toBe('audio/mpeg');
  expect(new Uint8Array(await spoken.arrayBuffer())).toEqual(new Uint8Array([0xff, 0xfb, 0x00]));
});

test('a conversation is compacted by a provider that speaks Responses', async () => {
  const compacted = await openai.responses.compact({ model: 'media', input: 'long talk' });
  expect(compacted.object).toBe('response.compaction');
  expect(asked.at(-1)?.path).toBe('/v1/responses/compact');
});

test.each([
  { what: 'images', ask: (model: string) => openai.images.generate({ model, prompt: 'x' }) },
  { what: 'compaction', ask: (model: string) => openai.responses.compact({ model, input: 'x' }) },
])('$what of a provider without them is a 501 that says so', async ({ ask }) => {
  const refused = Promise.resolve(ask(modelOver['anthropic-messages']));
  await expect(refused).rejects.toMatchObject({ status: 501, code: 'unsupported_operation' });
});

test.each([modelOver.gemini, modelOver['openai-chat'], 'embed-openai'])(
  'Gemini clients get embeddings over %s',
  async (model) => {
    const many = await google.models.embedContent({ model, contents: ['one', 'two'] });
    expect(many.embeddings?.map(({ values }) => (values?.length ?? 0) > 0)).toEqual([true, true]);
    const single = await fetch(`${gateway.url}/v1beta/models/${model}:embedContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': clientKey },
      body: JSON.stringify({ content: { parts: [{ text: 'one' }] } }),
    });
    expect(await single.json()).toMatchObject({ embedding: { values: expect.any(Array) } });
  },
);
