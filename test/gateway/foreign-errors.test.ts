/** Services near a protocol that answer errors in another shape: their clients read them in the protocol's own. */
import { afterAll, describe, expect, test } from 'bun:test';
import type { JsonObject } from '../../src/protocols/json.ts';
import { asObject } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { modelOver, startTested } from '../gateway-harness.ts';
import { sandboxModels } from '../sandbox-gateway.ts';
import { callOf, jsonOf, send } from './calls.ts';
import { startUpstream } from './upstream.ts';

let body = '';
let contentType = 'application/json';
const upstream = startUpstream(
  () => new Response(body, { status: 400, headers: { 'content-type': contentType } }),
);
const gateway = await startTested({
  'disable-cooling': true,
  ...sandboxModels(upstream.url, 'm'),
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  upstream[Symbol.dispose]();
});

const message = 'prompt is too long: 9 tokens';
const openAi: JsonObject = {
  error: { message, type: 'invalid_request_error', param: null, code: 'context_length_exceeded' },
};
const shapes: { shape: string; body: string; own: Protocol[]; html?: boolean }[] = [
  { shape: 'OpenAI', body: JSON.stringify(openAi), own: ['openai-chat', 'openai-responses'] },
  {
    shape: 'Anthropic',
    body: JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } }),
    own: ['anthropic-messages'],
  },
  {
    shape: 'Google',
    body: JSON.stringify({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }),
    own: ['gemini'],
  },
  { shape: 'FastAPI', body: JSON.stringify({ detail: message }), own: [] },
  { shape: 'vLLM', body: JSON.stringify({ object: 'error', message, code: 400 }), own: [] },
  { shape: 'a web page', body: `<html><title>${message}</title></html>`, own: [], html: true },
  { shape: 'plain text', body: message, own: [], html: true },
];

describe('A25: errors reach clients in the shape of their own protocol', () => {
  const cases = shapes.flatMap((shape) => protocols.map((protocol) => ({ ...shape, protocol })));
  test.each(cases)('$shape to $protocol', async ({ body: told, own, html, protocol }) => {
    body = told;
    contentType = html ? 'text/html' : 'application/json';
    for (const stream of [false, true]) {
      const response = await send(gateway.url, callOf(protocol), { model: modelOver[protocol], stream });
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toContain('application/json');
      const text = await response.text();
      if (own.includes(protocol)) expect(text).toBe(told);
      const read = callOf(protocol).errorOf(JSON.parse(text));
      expect(read.message).toBe(message);
      expect(read.kind).toBeString();
    }
  });

  test('with the code that the service gave', async () => {
    body = JSON.stringify(openAi);
    contentType = 'application/json';
    const response = await send(gateway.url, callOf('anthropic-messages'), {
      model: modelOver['anthropic-messages'],
    });
    const error = asObject(asObject(await jsonOf(response))?.error);
    expect(error).toMatchObject({
      type: 'invalid_request_error',
      details: { error_code: 'context_length_exceeded' },
    });
  });
});
