/** The request that goes to an upstream: the client's own bytes where both speak one protocol, a translation otherwise. */
import type { Candidate } from '../credentials/catalog.ts';
import type { Loss } from '../protocols/codec.ts';
import { signatureSeal } from '../protocols/continuity.ts';
import { InvalidRequest, isObject, type JsonObject } from '../protocols/json.ts';
import type { Request as CanonicalRequest, Protocol } from '../protocols/model.ts';
import { splitModelSuffix } from '../protocols/reasoning.ts';
import { codecs } from '../protocols/registry.ts';
import { modelTraits } from '../providers/models.ts';
import { endpointUrl } from '../providers/provider.ts';
import type { ClientRequest } from './answer.ts';
import { replaceSpan } from './body-scan.ts';

export interface UpstreamRequest {
  url: string;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | string;
  /** True when the client's protocol is the upstream's and answers go through as they are. */
  sameProtocol: boolean;
  losses: Loss[];
}

/** What the body of an upstream request depends on, of all that a client's request is. */
export type RequestBody = Pick<
  ClientRequest,
  'protocol' | 'operation' | 'model' | 'modelSpan' | 'stream' | 'body'
>;

/** The client's request read once, however many attempts need it. */
export interface ReadRequest {
  /** Throws {@link InvalidRequest}. */
  json(): JsonObject;
  /** Throws {@link InvalidRequest}. */
  canonical(): CanonicalRequest;
}

export function readRequest(request: RequestBody): ReadRequest {
  let json: JsonObject | undefined;
  let canonical: CanonicalRequest | undefined;
  const readJson = (): JsonObject => {
    json ??= parseBody(request.body);
    return json;
  };
  return {
    json: readJson,
    canonical() {
      if (canonical === undefined) {
        const decoded = codecs[request.protocol].decodeRequest(readJson(), request);
        const { amount } = splitModelSuffix(request.model);
        // The suffix beats the body: the person who wrote the model's name had the last word.
        canonical =
          amount === undefined ? decoded : { ...decoded, reasoning: { ...decoded.reasoning, amount } };
      }
      return canonical;
    },
  };
}

function parseBody(body: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^JSON Parse error: /, '') : 'unreadable';
    throw new InvalidRequest('', `The request body is not valid JSON: ${reason}.`);
  }
  if (!isObject(value)) throw new InvalidRequest('', 'The request body must be a JSON object.');
  return value;
}

/** Makes the upstream request for a candidate. Throws {@link InvalidRequest} when the client's body cannot be read. */
export function upstreamRequest(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  userAgent: string,
): UpstreamRequest | undefined {
  const { credential, model } = candidate;
  const { provider } = credential;
  const endpoint = provider.endpoints[request.operation];
  if (endpoint === undefined) return undefined;
  const written = upstreamBody(request, read, { protocol: provider.protocol, model });
  const path = endpoint({ model, stream: request.stream });
  return {
    url: endpointUrl(credential.baseUrl, written.sameProtocol ? withQuery(path, request.query) : path),
    headers: upstreamHeaders(request, candidate, written.sameProtocol, userAgent),
    ...written,
  };
}

/** What an upstream body is written for: `model` is the upstream's id. */
export interface BodyTarget {
  protocol: Protocol;
  model: string;
}

/**
 * The body for an upstream, and what the translation could not carry over unchanged. Where client and upstream speak
 * one protocol, nothing is translated and nothing lost. Throws {@link InvalidRequest} when the client's body cannot be read.
 */
export function upstreamBody(
  request: RequestBody,
  read: ReadRequest,
  target: BodyTarget,
): Pick<UpstreamRequest, 'body' | 'sameProtocol' | 'losses'> {
  if (target.protocol === request.protocol)
    return { body: sameBody(request, read, target.model), sameProtocol: true, losses: [] };
  const { body, losses } = translation(request, read, target);
  return { body: JSON.stringify(body), sameProtocol: false, losses };
}

function sameBody(request: RequestBody, read: ReadRequest, model: string): Uint8Array<ArrayBuffer> | string {
  const suffix = splitModelSuffix(request.model);
  const name = request.model.toLowerCase() === model.toLowerCase() ? request.model : model;
  const suffixed = suffix.amount !== undefined && name !== request.model;
  // Signatures of other families are ours to open; the provider would refuse them.
  if (request.operation === 'generate' && (suffixed || holdsSealedSignature(request.body))) {
    const target = { model, stream: request.stream, traits: modelTraits(model), report: () => {} };
    return JSON.stringify(codecs[request.protocol].encodeRequest(read.canonical(), target));
  }
  if (request.modelSpan === undefined || name === request.model) return request.body;
  return replaceSpan(request.body, request.modelSpan, JSON.stringify(model));
}

/** What a sealed signature begins with, as text and in base64, as Gemini clients send it. */
const seals = [
  signatureSeal,
  btoa(signatureSeal).slice(0, 8),
  btoa(`redacted.${signatureSeal}`).slice(0, 20),
];

function holdsSealedSignature(body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return seals.some((seal) => bytes.includes(seal));
}

/** The request in another protocol's words. Throws {@link InvalidRequest} when the client's body cannot be read. */
export function translation(
  request: RequestBody,
  read: ReadRequest,
  { protocol, model }: BodyTarget,
): { body: JsonObject; losses: Loss[] } {
  const losses: Loss[] = [];
  const body = codecs[protocol].encodeRequest(read.canonical(), {
    model,
    stream: request.stream,
    traits: modelTraits(model),
    report: (loss) => losses.push(loss),
  });
  return { body, losses };
}

export function upstreamHeaders(
  request: ClientRequest,
  candidate: Candidate,
  sameProtocol: boolean,
  userAgent: string,
): Record<string, string> {
  const { credential } = candidate;
  const { provider } = credential;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: request.stream ? 'text/event-stream' : 'application/json',
    // Compressed streams arrive late and cost time to unpack; between a gateway and a provider they gain little.
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    ...provider.headers,
    ...provider.authenticate(
      typeof credential.secret === 'string' ? credential.secret : (credential.secret.current() ?? ''),
      credential.baseUrl,
    ),
  };
  if (sameProtocol) {
    for (const name of provider.forwards) {
      const value = request.headers.get(name);
      if (value !== null) headers[name] = value;
    }
  }
  for (const name in credential.headers) {
    const value = credential.headers[name];
    if (value === undefined) continue;
    // The peer's convention: `$Name` copies the client's header of that name.
    const copied = value.startsWith('$') ? request.headers.get(value.slice(1)) : value;
    if (copied !== null) headers[name.toLowerCase()] = copied;
  }
  return headers;
}

/** The client's query on top of the provider's own; the provider's words win. */
function withQuery(path: string, query: string): string {
  if (query === '') return path;
  const at = path.indexOf('?');
  if (at < 0) return `${path}?${query}`;
  const own = new URLSearchParams(path.slice(at + 1));
  const merged = new URLSearchParams(query);
  for (const [name, value] of own) merged.set(name, value);
  return `${path.slice(0, at)}?${merged}`;
}
