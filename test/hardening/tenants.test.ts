/** M1: what one client key made, another cannot use, though the provider knows only the account behind both. */
import { afterAll, describe, expect, test } from 'bun:test';
import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asArray, asObject, asString } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { post } from '../gateway/calls.ts';
import { clientKey, modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels, sandboxOfTests } from '../sandbox-gateway.ts';

const sandbox = sandboxOfTests();
const otherKey = 'another-client-key-of-the-tests';
const gateway = await startTested({
  ...sandboxModels(sandbox.url),
  'api-keys': [clientKey, otherKey],
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

async function ask(key: string, body: JsonObject | string, path = '/v1/responses') {
  const asked = sandbox.requests.length;
  const response = await post(`${gateway.url}${path}`, body, { headers: { authorization: `Bearer ${key}` } });
  const text = await response.text();
  return { status: response.status, text, sent: sandbox.requests.length - asked };
}

describe.each(protocols.map((protocol) => ({ protocol, model: modelOver[protocol] })))(
  'over $protocol',
  ({ model }) => {
    /** An answer of the first key, and the id of an item of it. */
    async function made() {
      const { text } = await ask(clientKey, { model, input: 'call weather', tools: [tool] });
      const answer = asObject(parseJson(text)) ?? {};
      const item = asObject(asArray(answer.output)[0]);
      return { id: asString(answer.id) ?? '', item: asString(item?.id) ?? '' };
    }
    const tool = {
      type: 'function',
      name: 'weather',
      parameters: { type: 'object', properties: {} },
      strict: false,
    };

    test('M1: another key goes on from nothing of it, in no spelling and no operation', async () => {
      const { id, item } = await made();
      const bodies: (JsonObject | string)[] = [
        { model, input: 'x', previous_response_id: id },
        { model, input: 'x', previous_response_id: id, stream: true },
        `{"model":"${model}","input":"x","previous_response\\u005fid":"${id}"}`,
        { model, input: [{ type: 'item_reference', id: item }] },
        { model, input: [{ id: item }] },
        { model, input: [{ type: 'reasoning', id: item, summary: [] }] },
        `{"model":"${model}","input":[{"type":"item_referenc\\u0065","\\u0069d":"${item}"}]}`,
      ];
      for (const body of bodies) {
        const { status, text, sent } = await ask(otherKey, body);
        expect([JSON.stringify(body), status, sent]).toEqual([JSON.stringify(body), 400, 0]);
        expect(text).toContain('not found');
      }
      for (const path of ['/v1/responses/compact', '/v1/responses/input_tokens'])
        expect(await ask(otherKey, { model, input: 'x', previous_response_id: id }, path)).toMatchObject({
          status: 400,
          sent: 0,
        });
    });

    test('H4: a small request that names one item many times does not become a large one', async () => {
      const { item } = await made();
      const reference = (id: string) => ({ type: 'item_reference', id });
      const repeated = await ask(clientKey, { model, input: [reference(item), reference(item)] });
      // A provider of the same protocol sees to it itself.
      if (repeated.sent === 0) {
        expect(repeated.status).toBe(400);
        expect(repeated.text).toContain('Duplicate item');
      } else expect(model).toBe(modelOver['openai-responses']);
      const many = Array.from({ length: 4097 }, (_, at) => reference(`msg_${at}`));
      const far = await ask(clientKey, { model, input: many });
      expect(far).toMatchObject({ status: 400, sent: 0 });
      expect(far.text).toContain('more than 4096 items');
    });

    test('M1: the key itself goes on', async () => {
      const { text } = await ask(clientKey, { model, input: 'x' });
      const id = asString(asObject(parseJson(text))?.id) ?? '';
      expect((await ask(clientKey, { model, input: 'and?', previous_response_id: id })).status).toBe(200);
    });
  },
);

test('M1: a WebSocket of another key goes on from nothing of it', async () => {
  const model = modelOver['openai-responses'];
  const first = asObject(parseJson((await ask(clientKey, { model, input: 'x' })).text));
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${otherKey}` },
  });
  const answer = await new Promise<string>((resolve) => {
    socket.onmessage = ({ data }) => resolve(String(data));
    socket.onopen = () =>
      socket.send(
        JSON.stringify({
          type: 'response.create',
          model,
          input: 'y',
          previous_response_id: asString(first?.id) ?? '',
        }),
      );
  });
  expect(answer).toContain('previous_response_not_found');
  socket.close();
});

test('M1: a conversation and a container of another key are not found', async () => {
  const model = modelOver['openai-responses'];
  const { text } = await ask(clientKey, { model, input: 'x', conversation: 'conv_of_the_first' });
  expect(text).toContain('"id"');
  expect(await ask(otherKey, { model, input: 'x', conversation: 'conv_of_the_first' })).toMatchObject({
    status: 404,
    sent: 0,
  });
  expect(await ask(otherKey, { model, input: 'x', conversation: { id: 'conv_of_the_first' } })).toMatchObject(
    {
      status: 404,
      sent: 0,
    },
  );
});
