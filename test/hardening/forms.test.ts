/** M1 and M2 in forms: what a key may not use is found in every way to write a field, and nothing else is sent than what was looked at. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { startUpstream } from '../gateway/upstream.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { limitedKeys } from '../limits/keys.ts';
import { sandboxModels } from '../sandbox-gateway.ts';

const otherKey = 'another-client-key-of-the-tests';
const keys = limitedKeys();
const model = modelOver['openai-chat'];
const narrow = keys.key({ models: [model] });
let answer: () => Response = () => Response.json({ data: [] });
const upstream = startUpstream(() => answer());
const gateway = await startTested({
  ...sandboxModels(upstream.url, 'm'),
  'api-keys': [clientKey, otherKey, ...keys.entries],
  'disable-cooling': true,
  'request-retry': 0,
});
beforeEach(() => {
  upstream.asked.length = 0;
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

type Field = [name: string, value: string];
const formType = 'multipart/form-data; boundary=xyz';
const formOf = (...fields: Field[]): string =>
  `${fields.map(([name, value]) => `--xyz\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`).join('')}--xyz--\r\n`;

async function send(path: string, body: string, key = narrow, type = formType) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': type };
  const response = await fetch(gateway.url + path, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text(), sent: upstream.asked.length };
}

const paths = ['/v1/images/edits', '/v1/audio/transcriptions', '/v1/audio/translations'];

describe.each(paths)('%s', (path) => {
  test('a form goes through with the model’s own name, and nothing else changed', async () => {
    const { status } = await send(path, formOf(['prompt', 'x'], ['model', model], ['svg[style]', 'y']));
    const [asked] = upstream.asked;
    expect(status).toBe(200);
    expect(new TextDecoder().decode(asked?.body)).toBe(
      formOf(['prompt', 'x'], ['model', 'm'], ['svg[style]', 'y']),
    );
    expect(asked?.headers.get('content-type')).toBe(formType);
  });

  test.each<Field>([
    ['svg[model]', 'dear'],
    ['svg[Model][]', 'dear'],
    ['svg.model', 'dear'],
    ['svg', '{"model":"dear"}'],
    ['models[]', 'dear'],
    ['fallbacks[0][model]', 'dear'],
    ['moderation[model]', 'dear'],
  ])('M2: a key does not get at a model that it may not use by %s=%s', async (name, value) => {
    expect(await send(path, formOf(['model', model], [name, value]))).toMatchObject({ status: 404, sent: 0 });
    expect(await send(path, formOf([name, model], ['model', model]))).toMatchObject({ status: 200, sent: 1 });
  });

  test.each(['Model', 'model[]', 'MODEL', ' model', 'mo%64el'])(
    'M2: %p beside the model is refused',
    async (name) => {
      for (const fields of [
        [
          ['model', model],
          [name, 'dear'],
        ],
        [
          [name, 'dear'],
          ['model', model],
        ],
      ] satisfies Field[][])
        expect(await send(path, formOf(...fields))).toMatchObject({ status: 400, sent: 0 });
    },
  );

  test.each([
    ['two boundaries', 'multipart/form-data; boundary=abc; boundary=xyz'],
    ['a boundary in a parameter', 'multipart/form-data; a="; boundary=xyz"; boundary=abc'],
  ])('M2: a form of %s is refused', async (_, type) => {
    expect(await send(path, formOf(['model', model]), narrow, type)).toMatchObject({ status: 400, sent: 0 });
  });

  test('M2: a form with more behind its end is refused', async () => {
    const body = formOf(['model', model]) + formOf(['model', 'dear']);
    expect(await send(path, body)).toMatchObject({ status: 400, sent: 0 });
  });

  test.each([formType, 'application/x-www-form-urlencoded', 'text/plain', 'application/json; charset=utf-7'])(
    'M2: JSON that calls itself %s is sent as JSON',
    async (type) => {
      const body = JSON.stringify({ model, prompt: '&model=dear&' });
      expect((await send(path, body, narrow, type)).status).toBe(200);
      const [asked] = upstream.asked;
      expect(asked?.headers.get('content-type')).toBe('application/json');
      expect(JSON.parse(new TextDecoder().decode(asked?.body))).toEqual({
        model: 'm',
        prompt: '&model=dear&',
      });
    },
  );
});

test.each(['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1/embeddings', '/v1/completions'])(
  'M2: %s takes no forms, whose limits nobody has read',
  async (path) => {
    expect(await send(path, formOf(['model', model], ['max_tokens', '9']))).toMatchObject({
      status: 400,
      sent: 0,
    });
    expect(
      await send(path, `model=${model}&max_tokens=9`, narrow, 'application/x-www-form-urlencoded'),
    ).toMatchObject({
      status: 400,
      sent: 0,
    });
  },
);

test('M1: what was made for another key is found in a form, too', async () => {
  const said = { role: 'assistant', content: null, audio: { id: 'audio_of_one', data: '', transcript: 'x' } };
  answer = () => Response.json({ id: 'c', choices: [{ index: 0, message: said, finish_reason: 'stop' }] });
  const body = JSON.stringify({ model, audio: { voice: 'x' }, messages: [{ role: 'user', content: 'x' }] });
  expect((await send('/v1/chat/completions', body, clientKey, 'application/json')).status).toBe(200);
  answer = () => Response.json({ data: [] });
  upstream.asked.length = 0;
  const named: Field[] = [
    ['image[0][file_id]', 'audio_of_one'],
    ['images[][File_ID]', 'audio_of_one'],
    ['images', '[{"file_id":"audio_of_one"}]'],
    ['file_ids[]', 'audio_of_one'],
    ['file_ids', '["x","audio_of_one"]'],
    ['file_ids', `[${'"x",'.repeat(30_000)}"audio_of_one"]`],
  ];
  for (const field of named) {
    expect(await send('/v1/images/edits', formOf(['model', model], field), otherKey)).toMatchObject({
      sent: 0,
    });
  }
  expect(
    await send('/v1/images/edits', formOf(['model', model], ['file_ids[]', 'audio_of_one']), clientKey),
  ).toMatchObject({
    status: 200,
    sent: 1,
  });
});
