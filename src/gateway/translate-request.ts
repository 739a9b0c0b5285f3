/** The translation of one request on its own: what the gateway would send, without a credential and without sending it. */
import type { Loss } from '../protocols/codec.ts';
import { InvalidRequest, requireString } from '../protocols/invalid-request.ts';
import type { JsonObject } from '../protocols/json.ts';
import { patchedJson } from '../protocols/json-patch.ts';
import type { Protocol } from '../protocols/model.ts';
import { splitModelSuffix } from '../protocols/reasoning.ts';
import { codecs } from '../protocols/registry.ts';
import { scanEnvelope, withoutByteOrderMark } from './body-scan.ts';
import { type RequestBody, readRequest } from './read-request.ts';
import { upstreamBody } from './upstream/request.ts';

export interface Asked {
  from: Protocol;
  to: Protocol;
  /** Takes the place of the request's own; may have a reasoning suffix, as in `model(high)`. */
  model: string | undefined;
  /** True asks for a stream even where the request does not. */
  stream: boolean;
}

export interface Translated {
  body: JsonObject;
  losses: Loss[];
}

/** The upstream's body for a client's. Throws {@link InvalidRequest} naming the field that is missing or wrong. */
export function translateRequest(body: Uint8Array<ArrayBuffer>, asked: Asked): Translated {
  const request = clientRequest(withoutByteOrderMark(body), asked);
  const { stream } = request;
  const { model, amount } = splitModelSuffix(request.model);
  const target = { protocol: asked.to, model, stream };
  const written = upstreamBody(request, readRequest(request, amount), target);
  return { body: objectIn(written.body, asked.to), losses: written.losses };
}

function clientRequest(body: Uint8Array<ArrayBuffer>, { from, model, stream }: Asked): RequestBody {
  const fields = objectIn(body, from);
  const common = { protocol: from, operation: 'generate' as const };
  // Where the address has both, the body has neither.
  if (codecs[from].addresses.methods !== undefined)
    return { ...common, body, model: nameOf(model), modelSpan: undefined, stream };
  const name = nameOf(model ?? fields.model);
  const streams = stream || fields.stream === true;
  const wished: JsonObject = { ...fields, model: name };
  if (streams) wished.stream = true;
  // Members without a requested change stay as written: a duplicate name is a loss of its own.
  const bytes = patchedJson(body, fields, wished);
  const scanned = scanEnvelope(bytes);
  return {
    ...common,
    body: bytes,
    model: name,
    modelSpan: scanned?.modelSpan,
    streamOptions: scanned?.streamOptions,
    stream: streams,
  };
}

function nameOf(model: JsonObject[string]): string {
  const name = model === undefined ? '' : requireString(model, 'model');
  if (name === '')
    throw new InvalidRequest('model', 'expected the name of a model, in the request or as an option');
  return name;
}

function objectIn(body: Uint8Array<ArrayBuffer> | string, protocol: Protocol): JsonObject {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const bare = { protocol, operation: 'generate' as const, model: '', modelSpan: undefined, stream: false };
  return readRequest({ ...bare, body: bytes }).json();
}
