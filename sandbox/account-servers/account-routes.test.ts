import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { sseReader } from '../../src/protocols/sse.ts';
import {
  type Api,
  apis,
  apiToken,
  ask,
  callOf,
  chat,
  claude,
  codex,
  demanded,
  gemini,
  unnamed,
  vertexPath,
} from '../../test/sandbox-apis.ts';
import { bearer, getJson, postJson, rootOf } from '../../test/sandbox-flows.ts';
import { isObject, type JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import { startSandbox } from '../start.ts';
import { type AccountName, accountNames } from './services.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const named = apis.map((api): [string, Api] => [
  `${api.name} ${api.path}${api.streams ? ' as a stream' : ''}`,
  api,
]);

describe('with a good token', () => {
  test.each(named)('%s answers', async (_, api) => {
    const response = await ask(sandbox, api, await apiToken(sandbox, api.name));
    expect(response.status).toBe(200);
    const answer = await response.text();
    expect(answer).toContain('hi');
    expect(response.headers.get('content-type')).toContain(
      api.streams ? 'text/event-stream' : 'application/json',
    );
    expect(sandbox.requests.at(-1)).toMatchObject({
      key: api.name === 'vertex' ? 'service-account' : 'ada',
      status: 200,
      headers: { authorization: 'hidden' },
    });
  });

  test('Code Assist puts every answer, and every piece of a stream, under response', async () => {
    const [whole, stream] = apis;
    if (whole === undefined || stream === undefined) throw new Error('The table is empty.');
    const token = await apiToken(sandbox, 'gemini');
    const answer: unknown = await (await ask(sandbox, whole, token)).json();
    expect(answer).toMatchObject({ response: { candidates: [{ content: { parts: [{ text: 'hi' }] } }] } });
    const pieces: unknown[] = [];
    const reader = sseReader(({ data }) => pieces.push(JSON.parse(data)));
    reader.push(await (await ask(sandbox, stream, token)).bytes());
    reader.end();
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces)
      expect(isObject(piece) && asObject(piece.response)?.candidates !== undefined).toBe(true);
  });

  test.each<[AccountName, string, JsonObject, string]>([
    ['gemini', '/v1internal:countTokens', { request: { model: 'models/sandbox', ...gemini } }, 'totalTokens'],
    ['antigravity', '/v1internal:countTokens', { request: gemini }, 'totalTokens'],
    ['claude', '/v1/messages/count_tokens', chat, 'input_tokens'],
    ['vertex', `${vertexPath}/google/models/sandbox:countTokens`, gemini, 'totalTokens'],
    ['vertex', `${vertexPath}/anthropic/models/count-tokens:rawPredict`, chat, 'input_tokens'],
  ])('%s counts tokens at %s', async (name, path, body, field) => {
    const response = await ask(sandbox, { name, path, body }, await apiToken(sandbox, name));
    const counted: unknown = await response.json();
    expect(counted).toMatchObject({ [field]: expect.any(Number) });
  });

  test.each<[AccountName, string, RegExp]>([
    ['claude', '/v1/models', /"type":"model"/],
    ['codex', '/backend-api/codex/models', /"slug":"sandbox"/],
    ['qwen', '/v1/models', /"object":"list"/],
    ['iflow', '/v1/models', /"object":"list"/],
    ['kimi', '/coding/v1/models', /"object":"list"/],
    ['xai', '/v1/models', /"object":"list"/],
  ])('%s lists models at %s', async (name, path, shape) => {
    const headers = { ...bearer(await apiToken(sandbox, name)), ...demanded[name] };
    expect(await (await fetch(rootOf(sandbox, name) + path, { headers })).text()).toMatch(shape);
    expect((await fetch(rootOf(sandbox, name) + path)).status).toBe(name === 'xai' ? 403 : 401);
  });
});

describe('what stands around a request is demanded', () => {
  test('Claude: the OAuth beta', async () => {
    const headers = { 'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14' };
    const response = await ask(sandbox, { ...callOf('claude'), headers }, await apiToken(sandbox, 'claude'));
    expect(response.status).toBe(401);
    const joined = { 'anthropic-beta': 'fine-grained-tool-streaming-2025-05-14, oauth-2025-04-20' };
    expect(
      (await ask(sandbox, { ...callOf('claude'), headers: joined }, await apiToken(sandbox, 'claude')))
        .status,
    ).toBe(200);
  });

  test('Codex: the workspace of the login', async () => {
    const response = await ask(sandbox, callOf('codex'), await apiToken(sandbox, 'codex', 'ada-team'));
    expect(response.status).toBe(403);
  });

  test.each<[JsonObject, string]>([
    [{ stream: false }, 'Stream must be set to true'],
    [{ store: true }, 'Store must be set to false'],
    [{ instructions: null }, 'Instructions are required'],
    [{ input: 'hi' }, 'Input must be a list'],
    [{ temperature: 0 }, 'Unsupported parameter: temperature'],
    [{ max_output_tokens: 100 }, 'Unsupported parameter: max_output_tokens'],
    [{ previous_response_id: 'resp_1' }, 'Unsupported parameter: previous_response_id'],
    [{ input: [{ role: 'system', content: 'x' }] }, 'System messages are not allowed'],
    [{ service_tier: 'flex' }, 'Unsupported service_tier: flex'],
  ])('Codex: %j is refused', async (change, detail) => {
    const api = { ...callOf('codex'), body: { ...codex, ...change } };
    const response = await ask(sandbox, api, await apiToken(sandbox, 'codex'));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ detail });
  });

  test.each<[AccountName, JsonObject, number, RegExp]>([
    ['gemini', { model: 'm', request: gemini }, 400, /project/],
    ['gemini', { model: 'm', project: 'grace-web', request: gemini }, 403, /CONSUMER_INVALID/],
    ['gemini', { model: 'm', project: 'ada-main', request: { ...gemini, model: 'm' } }, 400, /model/],
    ['gemini', { model: 'm', project: 'ada-main', requestId: 'x', request: gemini }, 400, /requestId/],
    ['antigravity', { model: 'm', project: 'alan-one', request: gemini }, 403, /CONSUMER_INVALID/],
    ['antigravity', { ...gemini }, 400, /model/],
  ])('%s: the envelope %j is answered %d', async (name, body, status, shape) => {
    const response = await ask(sandbox, { ...callOf(name), body }, await apiToken(sandbox, name));
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(shape);
  });

  test('Gemini: the API must be on in the project', async () => {
    const token = await apiToken(sandbox, 'gemini', 'alan');
    const api = { ...callOf('gemini'), body: { model: 'm', project: 'alan-two', request: gemini } };
    const refused = await ask(sandbox, api, token);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('SERVICE_DISABLED');
    const service = `${rootOf(sandbox, 'gemini')}/v1/projects/alan-two/services/cloudaicompanion.googleapis.com`;
    expect((await getJson(service, bearer(token))).body.state).toBe('DISABLED');
    expect((await postJson(`${service}:enable`, {}, bearer(token))).status).toBe(200);
    expect((await getJson(service, bearer(token))).body.state).toBe('ENABLED');
    expect((await ask(sandbox, api, token)).status).toBe(200);
  });

  test.each<[string, JsonObject, number]>([
    ['no version', { ...unnamed }, 400],
    ['the model in the body', { ...claude, anthropic_version: 'vertex-2023-10-16' }, 400],
  ])('Vertex: a Claude request with %s is refused', async (_, body, status) => {
    const path = `${vertexPath}/anthropic/models/claude-x:rawPredict`;
    expect(
      (await ask(sandbox, { name: 'vertex', path, body }, await apiToken(sandbox, 'vertex'))).status,
    ).toBe(status);
  });

  test('Vertex: the project must be the service account’s', async () => {
    const path = '/v1/projects/another/locations/global/publishers/google/models/m:generateContent';
    expect(
      (await ask(sandbox, { name: 'vertex', path, body: gemini }, await apiToken(sandbox, 'vertex'))).status,
    ).toBe(403);
  });

  test.each(accountNames)('%s has no other paths', async (name) => {
    const api = { name, path: '/v1/nothing', body: {} };
    expect((await ask(sandbox, api, await apiToken(sandbox, name))).status).toBe(404);
  });
});
