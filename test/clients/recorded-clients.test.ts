import { beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../src/protocols/json.ts';
import { asArray, asObject, asObjects, asString } from '../../src/protocols/json-members.ts';
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { clientKey, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';

/** A request that a real client sent, as it was recorded. */
interface Recorded {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: JsonObject | null;
}

/** The recordings that lie beside the project, or the shortened ones that are part of it. */
const shared = join(import.meta.dir, '../../../shared/reference/captures');
const folder = existsSync(shared) ? shared : join(import.meta.dir, '../fixtures/captures');
const recordings = readdirSync(folder).flatMap((file) => {
  const list: Recorded[] = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  return list.map((recorded, index) => ({ ...recorded, title: `${file.replace('.json', '')} ${index + 1}` }));
});

const { gateway, sandbox } = await overSandbox();
beforeEach(() => sandbox.reset());

/** The request with the model that leads to an upstream, and with this gateway's key. */
function send({ method, url, headers, body }: Recorded, over: Protocol): Promise<Response> {
  const {
    authorization,
    'x-goog-api-key': googleKey,
    host: _,
    'content-length': __,
    connection: ___,
    ...rest
  } = headers;
  const key = {
    ...(authorization && { authorization: `Bearer ${clientKey}` }),
    ...(googleKey && { 'x-goog-api-key': clientKey }),
  };
  const model = modelOver[over];
  return fetch(gateway.url + url.replace(/models\/[^:]+:/, `models/${model}:`), {
    method,
    headers: { ...rest, ...key },
    ...(body && { body: JSON.stringify('model' in body ? { ...body, model } : body) }),
  });
}

/** Names of the tools that a request of any protocol declares and that its client runs itself. */
function toolNames(body: JsonObject | undefined): string[] {
  return asObjects(body?.tools).flatMap((tool) => {
    if (tool.functionDeclarations !== undefined)
      return asObjects(tool.functionDeclarations).map((declared) => asString(declared.name) ?? '');
    if (typeof tool.type === 'string' && !['function', 'custom'].includes(tool.type)) return [];
    return [asString(tool.name) ?? asString(asObject(tool.function)?.name) ?? ''];
  });
}

/** Every text that stands anywhere in a value. */
function texts(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  const object = asObject(value);
  return object === undefined ? [] : Object.values(object).flatMap(texts);
}

/** The system texts of a request: all of them must reach the upstream. */
function systemTexts(body: JsonObject): string[] {
  const messages = [...asObjects(body.messages), ...asObjects(body.input)];
  const told = messages
    .filter(({ role }) => role === 'system' || role === 'developer')
    .map(({ content }) => content);
  const fields = [body.instructions, body.system, asObject(body.systemInstruction)?.parts, ...told];
  const parts = fields.flatMap((field) => asArray(field));
  return parts.flatMap((part) => asString(part) ?? asString(asObject(part)?.text) ?? []);
}

const terminal: Record<string, RegExp> = {
  '/v1/messages': /event: message_stop\n/,
  '/v1/responses': /event: response\.completed\n/,
  '/v1/chat/completions': /data: \[DONE\]\n\n$/,
  '/v1beta': /"finishReason":"STOP"/,
};

describe.each(recordings.filter(({ body }) => body !== null))('$title', (recorded) => {
  test.each(protocols)(
    'is accepted over %s: tools and system text arrive, the answer ends as its client expects',
    async (over) => {
      const response = await send(recorded, over);
      const text = await response.text();
      expect({ status: response.status, text: response.status === 200 ? '' : text }).toEqual({
        status: 200,
        text: '',
      });
      const [path] = Object.keys(terminal).filter((start) => recorded.url.startsWith(start));
      expect(text).toMatch(terminal[path ?? ''] ?? /^$/);
      expect(text).toContain('sandbox');

      const [seen, ...more] = sandbox.requests;
      expect({ status: seen?.status, more: more.length }).toEqual({ status: 200, more: 0 });
      const sent = recorded.body ?? {};
      // Tools that a client's protocol alone knows may arrive as functions too.
      const declared = toolNames(sent);
      expect(toolNames(seen?.body).filter((name) => declared.includes(name))).toEqual(declared);
      const arrived = texts(seen?.body).join('\n');
      for (const system of systemTexts(sent)) expect(arrived).toContain(system);
    },
  );
});

test.each(recordings.filter(({ body }) => body === null))(
  '$title: $method $url is answered',
  async (recorded) => {
    const response = await send(recorded, 'openai-chat');
    expect(response.status).toBe(200);
  },
);
