/** Which address means what. */

import { lookUp } from '../protocols/json.ts';
import type { Protocol } from '../protocols/model.ts';
import type { Operation } from '../providers/provider.ts';
import type { StoredRequest } from './responses/stored-request.ts';

/** What a request's address asks for, before its body is read. */
export type Route =
  | { kind: 'call'; protocol: Protocol; operation: Operation }
  /** The model and the streaming stand in the address. */
  | { kind: 'gemini-call'; operation: Operation; model: string; stream: boolean }
  | { kind: 'completions' }
  /** The Responses API over a WebSocket. */
  | { kind: 'responses-socket' }
  /** An answer that was kept. */
  | { kind: 'stored-response'; asked: StoredRequest }
  | { kind: 'models'; model: string | undefined }
  | { kind: 'gemini-models'; model: string | undefined }
  /** What the client's own key has used. */
  | { kind: 'own-usage' }
  | { kind: 'health' }
  /** Whether requests should be sent here. */
  | { kind: 'readiness' }
  | { kind: 'banner' };

export interface Match {
  method: 'GET' | 'POST' | 'DELETE';
  route: Route;
}

const fixed: Record<string, Match> = {
  '/': { method: 'GET', route: { kind: 'banner' } },
  '/healthz': { method: 'GET', route: { kind: 'health' } },
  '/livez': { method: 'GET', route: { kind: 'health' } },
  '/readyz': { method: 'GET', route: { kind: 'readiness' } },
  '/v1/models': { method: 'GET', route: { kind: 'models', model: undefined } },
  '/v1/usage': { method: 'GET', route: { kind: 'own-usage' } },
  '/v1beta/models': { method: 'GET', route: { kind: 'gemini-models', model: undefined } },
  '/v1/interactions': call('gemini', 'interact'),
  '/v1beta/interactions': call('gemini', 'interact-beta'),
  '/v1/chat/completions': call('openai-chat', 'generate'),
  '/v1/completions': { method: 'POST', route: { kind: 'completions' } },
  '/v1/embeddings': call('openai-chat', 'embed'),
  '/v1/images/generations': call('openai-chat', 'generate-image'),
  '/v1/images/edits': call('openai-chat', 'edit-image'),
  '/v1/audio/transcriptions': call('openai-chat', 'transcribe'),
  '/v1/audio/translations': call('openai-chat', 'translate-speech'),
  '/v1/audio/speech': call('openai-chat', 'speak'),
  '/v1/responses': call('openai-responses', 'generate'),
  '/v1/responses/compact': call('openai-responses', 'compact'),
  '/v1/responses/input_tokens': call('openai-responses', 'count-tokens'),
  '/v1/messages': call('anthropic-messages', 'generate'),
  '/v1/messages/count_tokens': call('anthropic-messages', 'count-tokens'),
};

function call(protocol: Protocol, operation: Operation): Match {
  return { method: 'POST', route: { kind: 'call', protocol, operation } };
}

const geminiMethods: Record<string, { operation: Operation; stream: boolean }> = {
  generateContent: { operation: 'generate', stream: false },
  streamGenerateContent: { operation: 'generate', stream: true },
  countTokens: { operation: 'count-tokens', stream: false },
  embedContent: { operation: 'embed-content', stream: false },
  batchEmbedContents: { operation: 'embed', stream: false },
};

/** Where a call is made, the usual address of several; undefined where there is none. */
export function addressOf(
  protocol: Protocol,
  operation: string,
  { model, stream }: { model: string; stream: boolean },
): string | undefined {
  for (const [address, { route }] of Object.entries(fixed))
    if (route.kind === 'call' && route.protocol === protocol && route.operation === operation) return address;
  if (protocol !== 'gemini') return undefined;
  const streams = stream && operation === 'generate';
  const method = Object.entries(geminiMethods).find(
    ([, one]) => one.operation === operation && one.stream === streams,
  )?.[0];
  return method && `/v1beta/models/${encodeURIComponent(model)}:${method}`;
}

/** Where Codex looks when it is told only the address of ChatGPT. */
const codexBase = '/backend-api/codex';

const storedPath = /^\/v1\/responses\/([^/]+)(?:\/(input_items|cancel))?$/;

function storedMatch(id: string, part: string | undefined, method: string): Match {
  const match = (wanted: Match['method'], kind: StoredRequest['kind']): Match => ({
    method: wanted,
    route: { kind: 'stored-response', asked: { kind, id: decode(id) } },
  });
  if (part === 'input_items') return match('GET', 'input-items');
  if (part === 'cancel') return match('POST', 'cancel');
  return method === 'DELETE' ? match('DELETE', 'delete') : match('GET', 'get');
}

/** Gemini clients use `/v1beta`, older and Vertex-minded ones `/v1` or `/v1alpha`. */
const geminiModelPath = /^\/v1(?:beta|alpha)?\/models\/(.+)$/;

/** Where Amp and ccs look for each maker's API. The maker does not matter: the model's name says who serves it. */
const makerBase = '/api/provider/';

/** Gemini models as Vertex AI names them. */
const publisherModels =
  /^\/v1(?:beta1?|alpha)?\/(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/google\/models\//;

/** The address as the tables have it: without a base of other programs, and with its version. */
function ownAddress(address: string): string {
  if (address.startsWith(codexBase)) return `/v1${address.slice(codexBase.length)}`;
  if (!address.startsWith(makerBase)) return address;
  const end = address.indexOf('/', makerBase.length);
  if (end < 0) return address;
  const maker = address.slice(makerBase.length, end);
  const rest = address.slice(end).replace(publisherModels, '/v1beta/models/');
  if (/^\/v1(?:alpha|beta)?\//.test(rest)) return rest;
  return `${maker === 'google' ? '/v1beta' : '/v1'}${rest}`;
}

/** The address without the slash at its end that base URLs and hands add. */
function withoutSlash(address: string): string {
  return address.length > 1 && address.endsWith('/') ? address.slice(0, -1) : address;
}

/**
 * What an address means, with or without one slash at its end; undefined for an unknown one. Model names may hold `/`, `:`
 * and `.`.
 */
export function matchRoute(address: string, method: string): Match | undefined {
  // Nearly all requests: none of these addresses is another one in disguise.
  const direct = method === 'POST' ? lookUp(fixed, address) : undefined;
  if (direct !== undefined) return direct;
  const given = withoutSlash(address);
  const path = ownAddress(given);
  if (path === '/v1/responses' && method === 'GET')
    return { method: 'GET', route: { kind: 'responses-socket' } };
  const exact = lookUp(fixed, path);
  if (exact !== undefined) return exact;
  const [, stored, part] = storedPath.exec(path) ?? [];
  if (stored !== undefined) return storedMatch(stored, part, method);
  const named = geminiModelPath.exec(path)?.[1];
  if (named === undefined) return undefined;
  const colon = named.lastIndexOf(':');
  const action = colon <= 0 ? undefined : lookUp(geminiMethods, named.slice(colon + 1));
  if (action !== undefined)
    return {
      method: 'POST',
      route: { kind: 'gemini-call', model: decode(named.slice(0, colon)), ...action },
    };
  if (method === 'POST') return undefined;
  const model = decode(named);
  return {
    method: 'GET',
    route: path.startsWith('/v1/') ? { kind: 'models', model } : { kind: 'gemini-models', model },
  };
}

/** The protocol whose error shape a client of this address reads. */
export function protocolOf(address: string, headers: Headers): Protocol {
  const path = ownAddress(address);
  if (path.startsWith('/v1/messages') || headers.has('anthropic-version')) return 'anthropic-messages';
  if (path.startsWith('/v1/responses') || address.startsWith(codexBase)) return 'openai-responses';
  if (path.startsWith('/v1/interactions')) return 'gemini';
  if (path.startsWith('/v1beta') || path.startsWith('/v1alpha') || path.startsWith('/v1/models/')) {
    return path.startsWith('/v1/') && !path.includes(':') ? 'openai-chat' : 'gemini';
  }
  return 'openai-chat';
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
