import { describe, expect, test } from 'bun:test';
import { matchRoute, protocolOf } from './routes.ts';

test.each([
  ['/v1beta/models/gemini-2.5-pro:generateContent', 'gemini-2.5-pro', false],
  ['/v1beta/models/personal/gemini-2.5-pro:streamGenerateContent', 'personal/gemini-2.5-pro', true],
  ['/v1beta/models/llama3.1:8b:generateContent', 'llama3.1:8b', false],
  ['/v1beta/models/anthropic%2Fclaude-3.5:generateContent', 'anthropic/claude-3.5', false],
  ['/v1/models/gemini-2.5-pro:generateContent', 'gemini-2.5-pro', false],
])('%s calls the model %s', (path, model, stream) => {
  expect(matchRoute(path, 'POST')?.route).toMatchObject({
    kind: 'method-call',
    protocol: 'gemini',
    model,
    stream,
  });
});

test('model names with slashes, colons and dots are looked up by address too', () => {
  expect(matchRoute('/v1/models/a/b:c.d', 'GET')?.route).toEqual({
    kind: 'models',
    protocol: undefined,
    model: 'a/b:c.d',
  });
});

describe('A19: one slash at the end of an address is tolerated', () => {
  test.each([
    ...[
      '/v1/chat/completions',
      '/v1/completions',
      '/v1/responses',
      '/v1/responses/compact',
      '/v1/embeddings',
    ],
    ...['/v1/responses/input_tokens', '/v1/messages', '/v1/messages/count_tokens', '/v1/images/generations'],
    ...['/v1/images/edits', '/v1/audio/speech', '/v1/audio/transcriptions', '/v1/audio/translations'],
    ...['/v1beta/models/gemini-2.5-pro:generateContent', '/v1beta/models/a%2Fb:countTokens'],
    ...['/backend-api/codex/responses', '/backend-api/codex/responses/compact'],
  ])('POST %s', (path) => {
    expect(matchRoute(path, 'POST')).toBeDefined();
    expect(matchRoute(`${path}/`, 'POST')).toEqual(matchRoute(path, 'POST'));
    expect(matchRoute(`${path}//`, 'POST')).not.toEqual(matchRoute(path, 'POST'));
  });

  test.each([
    ...['/v1/models', '/v1beta/models', '/v1/models/a/b:c.d', '/v1beta/models/gemini-2.5-pro', '/healthz'],
    ...['/livez', '/readyz'],
    ...['/v1/responses', '/v1/responses/resp_1', '/v1/responses/resp_1/input_items'],
  ])('GET %s', (path) => {
    expect(matchRoute(path, 'GET')).toBeDefined();
    expect(matchRoute(`${path}/`, 'GET')).toEqual(matchRoute(path, 'GET'));
  });
});

test.each(['/v2/chat/completions', '/v1beta/models/x:unknownMethod', '/v1beta/models/:generateContent'])(
  '%s is unknown',
  (path) => {
    expect(matchRoute(path, 'POST')).toBeUndefined();
  },
);

const foreignHeaders = { 'anthropic-version': '2023-06-01', 'x-goog-api-key': 'k' };

test.each([
  ['/v1/messages/count_tokens', {}, 'anthropic-messages'],
  ['/v1/models', { 'anthropic-version': '2023-06-01' }, 'anthropic-messages'],
  ['/v1/responses', {}, 'openai-responses'],
  ['/v1beta/models', {}, 'gemini'],
  ['/v1/models/x:generateContent', {}, 'gemini'],
  ['/v1/chat/completions', {}, 'openai-chat'],
  ['/nowhere', {}, 'openai-chat'],
  ['/v1/models', { 'x-goog-api-key': 'k' }, 'gemini'],
  ['/v1/models/llama3:8b', {}, 'openai-chat'],
  ['/nowhere', { 'anthropic-version': '2023-06-01' }, 'anthropic-messages'],
  ['/v1/usage', { 'anthropic-version': '2023-06-01' }, 'anthropic-messages'],
  // Where the address is one protocol's, no header makes it another's.
  ['/v1/chat/completions', foreignHeaders, 'openai-chat'],
  ['/v1/chat/nothing', foreignHeaders, 'openai-chat'],
  ['/v1/completions', foreignHeaders, 'openai-chat'],
  ['/v1/embeddings', foreignHeaders, 'openai-chat'],
  ['/v1/images/edits', foreignHeaders, 'openai-chat'],
  ['/v1/audio/speech', foreignHeaders, 'openai-chat'],
  ['/api/provider/anthropic/v1/chat/completions', foreignHeaders, 'openai-chat'],
  ['/v1/responses', foreignHeaders, 'openai-responses'],
  ['/v1/responses/compact', foreignHeaders, 'openai-responses'],
  ['/backend-api/codex/responses', foreignHeaders, 'openai-responses'],
  ['/v1/messages', foreignHeaders, 'anthropic-messages'],
  ['/v1/messages/batches/b_1', foreignHeaders, 'anthropic-messages'],
  ['/v1/interactions/i_1', foreignHeaders, 'gemini'],
  ['/v1beta/models/m:generateContent', foreignHeaders, 'gemini'],
  ['/v1/interactions', foreignHeaders, 'gemini'],
])('errors of %s are told in the words of %p', (path, headers, protocol) => {
  expect<string>(protocolOf(path, new Headers(headers))).toBe(protocol);
});
