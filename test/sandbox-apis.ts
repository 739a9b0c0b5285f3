/** Every call that an account of the sandbox is for, by plain fetch. */

import { people } from '../sandbox/account-servers/people.ts';
import type { AccountName } from '../sandbox/account-servers/services.ts';
import type { Sandbox } from '../sandbox/start.ts';
import type { JsonObject } from '../src/protocols/json.ts';
import { asObject, asString } from '../src/protocols/json-members.ts';
import { bearer, getJson, rootOf, serviceAccountToken, signIn, text } from './sandbox-flows.ts';

export const chat = { model: 'sandbox', messages: [{ role: 'user', content: 'repeat: hi' }] };
export const claude = { ...chat, max_tokens: 100 };
export const unnamed = { messages: chat.messages, max_tokens: 100 };
export const gemini = { contents: [{ role: 'user', parts: [{ text: 'repeat: hi' }] }] };
export const codex = {
  model: 'sandbox',
  instructions: '',
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'repeat: hi' }] }],
  store: false,
  stream: true,
};
export const vertexPath = '/v1/projects/sandbox-project/locations/us-central1/publishers';

export interface Api {
  name: AccountName;
  path: string;
  body: JsonObject;
  headers?: Record<string, string>;
  streams?: true;
}

/** Every call that an account is for. */
export const apis: readonly Api[] = [
  {
    name: 'gemini',
    path: '/v1internal:generateContent',
    body: { model: 'sandbox', project: 'ada-main', request: gemini },
  },
  {
    name: 'gemini',
    path: '/v1internal:streamGenerateContent?alt=sse',
    body: {
      model: 'sandbox',
      project: 'ada-main',
      user_prompt_id: 'x',
      request: { ...gemini, session_id: 'x' },
    },
    streams: true,
  },
  {
    name: 'antigravity',
    path: '/v1internal:generateContent',
    body: {
      model: 'sandbox',
      project: 'ada-main',
      userAgent: 'antigravity',
      requestType: 'agent',
      requestId: 'agent-1',
      request: { ...gemini, sessionId: '-1' },
    },
  },
  {
    name: 'antigravity',
    path: '/v1internal:streamGenerateContent?alt=sse',
    body: { model: 'sandbox', request: gemini },
    streams: true,
  },
  { name: 'claude', path: '/v1/messages?beta=true', body: claude },
  { name: 'claude', path: '/v1/messages?beta=true', body: { ...claude, stream: true }, streams: true },
  { name: 'codex', path: '/backend-api/codex/responses', body: codex, streams: true },
  { name: 'qwen', path: '/v1/chat/completions', body: chat },
  { name: 'qwen', path: '/v1/chat/completions', body: { ...chat, stream: true }, streams: true },
  { name: 'iflow', path: '/v1/chat/completions', body: chat },
  { name: 'iflow', path: '/v1/chat/completions', body: { ...chat, stream: true }, streams: true },
  { name: 'kimi', path: '/coding/v1/chat/completions', body: chat },
  { name: 'kimi', path: '/coding/v1/chat/completions', body: { ...chat, stream: true }, streams: true },
  {
    name: 'kimi',
    path: '/coding/v1/messages?beta=true',
    body: claude,
    headers: { 'anthropic-version': '2023-06-01' },
  },
  { name: 'xai', path: '/v1/chat/completions', body: chat },
  {
    name: 'xai',
    path: '/v1/responses',
    body: { model: 'sandbox', input: 'repeat: hi', stream: true },
    streams: true,
  },
  { name: 'vertex', path: `${vertexPath}/google/models/sandbox:generateContent`, body: gemini },
  {
    name: 'vertex',
    path: `${vertexPath}/google/models/sandbox:streamGenerateContent?alt=sse`,
    body: gemini,
    streams: true,
  },
  {
    name: 'vertex',
    path: `${vertexPath}/anthropic/models/claude-x@20250929:rawPredict`,
    body: { ...unnamed, anthropic_version: 'vertex-2023-10-16' },
  },
  {
    name: 'vertex',
    path: `${vertexPath}/anthropic/models/claude-x@20250929:streamRawPredict`,
    body: { ...unnamed, anthropic_version: 'vertex-2023-10-16', stream: true },
    streams: true,
  },
];

/** Headers that a provider demands besides the token. */
export const demanded: Partial<Record<AccountName, Record<string, string>>> = {
  claude: { 'anthropic-version': '2023-06-01', 'anthropic-beta': 'oauth-2025-04-20' },
  codex: { 'chatgpt-account-id': people[0]?.workspace.accountId ?? '' },
};

/** What the API takes as its bearer token. */
export async function apiToken(sandbox: Sandbox, name: AccountName, person = 'ada'): Promise<string> {
  if (name === 'vertex') return text((await serviceAccountToken(sandbox)).body.access_token);
  const token = text((await signIn(sandbox, name, person)).body.access_token);
  return name === 'iflow' ? iflowKey(sandbox, token) : token;
}

export async function iflowKey(sandbox: Sandbox, token: string): Promise<string> {
  const url = `${rootOf(sandbox, 'iflow')}/api/oauth/getUserInfo?accessToken=${encodeURIComponent(token)}`;
  return asString(asObject((await getJson(url)).body.data)?.apiKey) ?? '';
}

export function ask(sandbox: Sandbox, { name, path, body, headers }: Api, token: string): Promise<Response> {
  return fetch(rootOf(sandbox, name) + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token), ...demanded[name], ...headers },
    body: JSON.stringify(body),
  });
}

/** The first call of this provider. */
export function callOf(name: AccountName): Api {
  return apis.find((api) => api.name === name) ?? { name, path: '/', body: {} };
}
