/** The APIs that accounts are for: which call a path is, and what stands around the provider's own request. */

import { fault as anthropicFault } from '../anthropic/errors.ts';
import type { ModelCall } from '../call.ts';
import type { Dialect } from '../dialect.ts';
import { dialects } from '../dialects.ts';
import { invalid, Refused } from '../failure.ts';
import { demandShape } from '../gemini/errors.ts';
import type { JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { anything, list, object, record, text } from '../shape.ts';
import type { AccountCall } from './account-deps.ts';
import { codeAssist, codexBackend } from './account-dialects.ts';
import { isEnabled, owns } from './code-assist.ts';
import type { Person } from './people.ts';
import { serviceProject } from './service-account.ts';

/** A call without its envelope. */
export interface Opened {
  route: ModelCall['route'];
  body: JsonObject;
  headers: Headers;
}

export interface AccountRoute {
  dialect: Dialect;
  /** Undefined for lists of models. */
  open: ((body: JsonObject, person: Person) => Opened) | undefined;
}

const sse = { operation: 'generate', framing: 'sse' } as const;
const chat = dialects['openai-chat'];
const claude = dialects['anthropic-messages'];
const responses = dialects['openai-responses'];

/** Undefined for paths that the provider's API does not have. */
export function accountRoute(call: AccountCall): AccountRoute | undefined {
  const { name, path, request } = call;
  const { headers } = request;
  const listing = request.method === 'GET';
  if (!listing && request.method !== 'POST') return undefined;
  const plain = (dialect: Dialect, route: ModelCall['route']): AccountRoute => ({
    dialect,
    open: (body) => ({ route, body, headers }),
  });
  const key = `${listing ? 'GET' : 'POST'} ${path}`;
  switch (name) {
    case 'gemini':
    case 'antigravity':
      return listing ? undefined : codeAssistRoute(call);
    case 'vertex':
      return listing ? undefined : vertexRoute(call);
    case 'claude':
      if (key === 'POST /v1/messages') return plain(claude, { dialect: 'anthropic-messages', ...sse });
      if (key === 'POST /v1/messages/count_tokens')
        return plain(claude, { dialect: 'anthropic-messages', operation: 'count' });
      return key === 'GET /v1/models' ? { dialect: claude, open: undefined } : undefined;
    case 'codex':
      if (key === 'POST /backend-api/codex/responses')
        return plain(codexBackend, { dialect: 'openai-responses', ...sse });
      return key === 'GET /backend-api/codex/models' ? { dialect: codexBackend, open: undefined } : undefined;
    case 'kimi':
      if (key === 'POST /coding/v1/chat/completions') return plain(chat, { dialect: 'openai-chat', ...sse });
      if (key === 'POST /coding/v1/messages') return plain(claude, { dialect: 'anthropic-messages', ...sse });
      return key === 'GET /coding/v1/models' ? { dialect: chat, open: undefined } : undefined;
    case 'xai':
      if (key === 'POST /v1/responses') return plain(responses, { dialect: 'openai-responses', ...sse });
      return chatRoute(key, plain);
    case 'qwen':
    case 'iflow':
      return chatRoute(key, plain);
  }
}

function chatRoute(
  key: string,
  plain: (dialect: Dialect, route: ModelCall['route']) => AccountRoute,
): AccountRoute | undefined {
  if (key === 'POST /v1/chat/completions') return plain(chat, { dialect: 'openai-chat', ...sse });
  return key === 'GET /v1/models' ? { dialect: chat, open: undefined } : undefined;
}

// ---------------------------------------------------------------- Code Assist

const project = text({ min: 1 });
const envelope = {
  gemini: record({ model: text({ min: 1 }), project, request: object }, { user_prompt_id: text() }),
  antigravity: record(
    { model: text({ min: 1 }), request: object },
    {
      project,
      userAgent: text(),
      requestType: text(),
      requestId: text(),
      enabledCreditTypes: list(text()),
      userPromptId: anything,
    },
  ),
};
const countEnvelope = record({ request: object }, { model: text(), project });

function codeAssistRoute(call: AccountCall): AccountRoute | undefined {
  const { path, request, url, name } = call;
  const { headers } = request;
  const [, action] = /^\/v1internal:(generateContent|streamGenerateContent|countTokens)$/.exec(path) ?? [];
  if (action === undefined || (name !== 'gemini' && name !== 'antigravity')) return undefined;
  return {
    dialect: codeAssist,
    open(body, person) {
      demandShape(body, action === 'countTokens' ? countEnvelope : envelope[name]);
      const wanted = asString(body.project);
      if (wanted !== undefined) demandProject(call, person, wanted);
      const { session_id: _id, sessionId: _session, model: counted, ...inner } = asObject(body.request) ?? {};
      if (action === 'countTokens')
        return { route: { dialect: 'gemini', operation: 'count' }, body: inner, headers };
      if (counted !== undefined) throw invalid(`Unknown name "model" at 'request'.`, 'request.model');
      const stream = action === 'streamGenerateContent';
      const framing = !stream || url.searchParams.get('alt') === 'sse' ? 'sse' : 'json-array';
      const model = asString(body.model) ?? '';
      return {
        route: { dialect: 'gemini', operation: 'generate', model, stream, framing },
        body: inner,
        headers,
      };
    },
  };
}

function demandProject({ root, deps }: AccountCall, person: Person, wanted: string): void {
  if (!owns(person, wanted))
    throw denied(`Permission denied on resource project ${wanted}.`, 'CONSUMER_INVALID');
  if (!isEnabled(deps, person, wanted))
    throw denied(
      `Gemini for Google Cloud API has not been used in project ${wanted} before or it is disabled. Enable it at ${root}/v1/projects/${wanted}/services/cloudaicompanion.googleapis.com:enable`,
      'SERVICE_DISABLED',
    );
}

function denied(message: string, code: string): Refused {
  return new Refused({ status: 403, kind: 'permission', message, code });
}

// ---------------------------------------------------------------- Vertex AI

const vertexPath =
  /^\/v1\/projects\/([^/]+)\/locations\/([a-z0-9-]+)\/publishers\/(google|anthropic)\/models\/(.+):([A-Za-z]+)$/;
const vertexVersion = 'vertex-2023-10-16';

function vertexRoute({ path, request, url }: AccountCall): AccountRoute | undefined {
  const [, owner, , publisher, name = '', action = ''] = vertexPath.exec(path.replaceAll('%3A', ':')) ?? [];
  if (publisher === undefined) return undefined;
  const model = decodeURIComponent(name);
  const owned = (open: (body: JsonObject) => Opened): AccountRoute['open'] => {
    return (body) => {
      if (owner !== serviceProject)
        throw denied(
          `Permission 'aiplatform.endpoints.predict' denied on project ${owner}.`,
          'IAM_PERMISSION_DENIED',
        );
      return open(body);
    };
  };
  const { headers } = request;
  if (publisher === 'google') {
    const route = vertexGeminiRoute(model, action, url.searchParams.get('alt') === 'sse');
    return route && { dialect: dialects.gemini, open: owned((body) => ({ route, body, headers })) };
  }
  if (action !== 'rawPredict' && action !== 'streamRawPredict') return undefined;
  const versioned = new Headers(headers);
  versioned.set('anthropic-version', vertexVersion);
  return {
    dialect: claude,
    open: owned((body) => {
      const { anthropic_version: version, ...rest } = body;
      if (model === 'count-tokens') {
        return {
          route: { dialect: 'anthropic-messages', operation: 'count' },
          body: rest,
          headers: versioned,
        };
      }
      if (version !== vertexVersion)
        throw anthropicFault('anthropic_version', `it must be "${vertexVersion}"`);
      if (rest.model !== undefined) throw anthropicFault('model', 'Extra inputs are not permitted');
      const stream = action === 'streamRawPredict';
      return {
        route: { dialect: 'anthropic-messages', ...sse, model, stream },
        body: { ...rest, model },
        headers: versioned,
      };
    }),
  };
}

function vertexGeminiRoute(model: string, action: string, sseAsked: boolean): ModelCall['route'] | undefined {
  const dialect = 'gemini';
  switch (action) {
    case 'generateContent':
      return { dialect, operation: 'generate', model, stream: false, framing: 'sse' };
    case 'streamGenerateContent':
      return {
        dialect,
        operation: 'generate',
        model,
        stream: true,
        framing: sseAsked ? 'sse' : 'json-array',
      };
    case 'countTokens':
      return { dialect, operation: 'count' };
    default:
      return undefined;
  }
}
