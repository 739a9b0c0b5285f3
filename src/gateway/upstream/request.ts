/** The request that goes to an upstream: the client's own bytes where both speak one protocol, a translation otherwise. */
import type { Candidate } from '../../credentials/catalog.ts';
import { traitsOf } from '../../credentials/owner-traits.ts';
import { atOnce, runYielding } from '../../ground/steps.ts';
import { modelTraits } from '../../models/known-models.ts';
import { type EncodeTarget, type Loss, type LossReport, lossesInto } from '../../protocols/codec.ts';
import { hinting } from '../../protocols/hints.ts';
import { InvalidRequest } from '../../protocols/invalid-request.ts';
import type { JsonObject } from '../../protocols/json.ts';
import { patchedJson, patchingJson } from '../../protocols/json-patch.ts';
import { writingJson } from '../../protocols/json-text-in-steps.ts';
import type { Protocol } from '../../protocols/model.ts';
import type { ModelTraits } from '../../protocols/model-traits.ts';
import type { Operation } from '../../protocols/operation.ts';
import { codecs } from '../../protocols/registry.ts';
import { signatureMark } from '../../protocols/signature-envelope.ts';
import { mendedJson, mendingJson } from '../../protocols/well-formed.ts';
import { endpointUrl, type Provider } from '../../providers/provider.ts';
import type { ClientRequest } from '../answer.ts';
import { edited, replaceSpan } from '../body-scan.ts';
import { reportDoubled } from '../doubled-in-calls.ts';
import { writingOnce } from '../doubled-members.ts';
import { inItsTurn, type LongWork } from '../long-work.ts';
import type { PayloadCall, PayloadRules, ShapeBody } from '../payload/payload-rules.ts';
import { parseYielding, type ReadRequest, type RequestBody, readYielding } from '../read-request.ts';
import { workedAtOnce } from '../yield-for.ts';
import { bodyMaker, type UpstreamBody } from './body-maker.ts';
import { forwardedQuery, upstreamHeaders, withQuery } from './request-headers.ts';

export interface UpstreamRequest {
  url: string;
  headers: Record<string, string>;
  /** Gives the body, made anew each time: it is not retained while the answer is pending. */
  body: () => UpstreamBody;
  /** The same in turns, for a long body. */
  bodyAgain: (() => Promise<UpstreamBody>) | undefined;
  /** True when the client's protocol is the upstream's and answers go through as they are. */
  sameProtocol: boolean;
  /** Whether a stream is asked for; some upstreams answer nothing else. */
  stream: boolean;
  /** Whether the provider's WebSocket may carry it. */
  overSocket: boolean;
  /** Whether the stream reports its usage for the gateway only: its client has not asked for that. */
  hidesUsage: boolean;
  losses: Loss[];
}

/** A candidate's body as {@link upstreamBody} makes it, a translated one step by step. Rejects with {@link InvalidRequest}. */
export function writtenYielding(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  payload: PayloadRules | undefined,
): Promise<WrittenBody> {
  return upstreamBodyYielding(request, read, targetFor(request, candidate, payload));
}

/** Whether the client's own body has to be read, to be changed for a candidate of its protocol. */
export function changesOwnBody(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  payload: PayloadRules | undefined,
): boolean {
  return isChanged(request, read, targetFor(request, candidate, payload));
}

/** Makes the upstream request for a candidate. `written`: its body, where that is there. Throws {@link InvalidRequest} when the client's body cannot be read. */
export function upstreamRequest(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  userAgent: string,
  longWork: LongWork,
  payload?: PayloadRules,
  written?: WrittenBody,
): UpstreamRequest | undefined {
  const { credential, model } = candidate;
  const { provider } = credential;
  const endpoint = provider.endpoints[request.operation];
  if (endpoint === undefined) return undefined;
  const generates = request.operation === 'generate';
  const target = targetFor(request, candidate, payload);
  const { stream } = target;
  const { body, sameProtocol, hidesUsage, losses } = written ?? upstreamBody(request, read, target);
  const path = endpoint({ model, stream });
  const wrap = (written: UpstreamBody): UpstreamBody =>
    generates ? enveloped(written, provider, model) : written;
  const writeAgain = async (): Promise<UpstreamBody> => {
    if (!sameProtocol) await readYielding(request, read);
    else if (isChanged(request, read, target)) await parseYielding(request, read);
    const again = await upstreamBodyYielding(request, read, target);
    read.forget();
    return wrap(again.body);
  };
  const bodyAgain = async (): Promise<UpstreamBody> => {
    const again = await inItsTurn(longWork, request.body.length, request.signal, writeAgain);
    if (again === undefined) throw new Error('the request is no longer wanted');
    return again.done;
  };
  return {
    url: endpointUrl(credential.baseUrl, sameProtocol ? withQuery(path, forwardedQuery(request)) : path),
    headers: upstreamHeaders(request, candidate, { sameProtocol, stream, userAgent }),
    stream,
    overSocket: generates && stream && credential.websockets && provider.websocket !== undefined,
    sameProtocol,
    hidesUsage,
    losses,
    body: bodyMaker(wrap(body), () => wrap(upstreamBody(request, read, target).body)),
    bodyAgain: request.body.length > workedAtOnce ? bodyAgain : undefined,
  };
}

function targetFor(
  request: ClientRequest,
  candidate: Candidate,
  payload: PayloadRules | undefined,
): BodyTarget {
  const { model } = candidate;
  const { provider } = candidate.credential;
  const generates = request.operation === 'generate';
  return {
    protocol: provider.protocol,
    model,
    stream: request.stream || (generates && (provider.streamsOnly?.(model) ?? false)),
    provider,
    traits: traitsOf(candidate),
    shape: generates ? payload?.shaping(payloadCall(request, candidate)) : undefined,
    mostTokens: generates ? candidate.target?.maxOutputTokens : undefined,
  };
}

/** A body for an upstream, and the parts of the client's that it lacks. */
export interface WrittenBody extends Pick<UpstreamRequest, 'sameProtocol' | 'hidesUsage' | 'losses'> {
  body: UpstreamBody;
}

/** What an upstream body is written for: `model` is the upstream's id. */
export interface BodyTarget {
  protocol: Protocol;
  model: string;
  stream: boolean;
  /** What of the provider makes a difference to bodies; none for the protocol by itself. */
  provider?: Pick<Provider, 'adapt' | 'countBody' | 'streamUsage'>;
  /** What the model can do; the shipped table's word without it. */
  traits?: ModelTraits | undefined;
  /** The owner's rules for this body, where there are any. */
  shape?: ShapeBody | undefined;
  /** The longest answer that the model route allows, in tokens. */
  mostTokens?: number | undefined;
}

/**
 * The body for an upstream, and what could not be carried over unchanged. Where client and upstream speak one protocol,
 * nothing is translated, and nothing lost but what the provider refuses. Throws {@link InvalidRequest} when the client's
 * body cannot be read.
 */
export function upstreamBody(request: RequestBody, read: ReadRequest, target: BodyTarget): WrittenBody {
  if (target.protocol !== request.protocol) return atOnce(translating(request, read, target));
  return passing(request, read, target) ?? atOnce(changing(request, read, target));
}

/** The same with turns for others. */
export async function upstreamBodyYielding(
  request: RequestBody,
  read: ReadRequest,
  target: BodyTarget,
): Promise<WrittenBody> {
  if (target.protocol !== request.protocol) return runYielding(translating(request, read, target));
  return passing(request, read, target) ?? runYielding(changing(request, read, target));
}

const unasked = { sameProtocol: true, hidesUsage: false };

/** Operations whose bodies may repeat the model of their address. */
const repeatsModel: ReadonlySet<Operation> = new Set(['count-tokens', 'embed', 'embed-content']);

/** The client's bytes, at most with another name of the model; undefined where they have to be read to be changed. */
function passing(request: RequestBody, read: ReadRequest, target: BodyTarget): WrittenBody | undefined {
  if (isChanged(request, read, target)) return undefined;
  const { body, modelSpan, protocol } = request;
  const usage = usageEdit(request, target);
  const hidesUsage = usage !== undefined;
  const name =
    modelSpan === undefined || namesModel(request, target)
      ? undefined
      : { ...modelSpan, text: JSON.stringify(target.model) };
  const written =
    usage !== undefined
      ? edited(body, name ? [usage, name] : [usage])
      : name
        ? replaceSpan(body, name, name.text)
        : body;
  const own = codecs[protocol].withoutInvented?.(written) ?? written;
  return { sameProtocol: true, hidesUsage, losses: [], body: own };
}

/** Whether the suffix, the owner, the provider or a signature of others wants another body. */
function isChanged(
  request: RequestBody,
  read: ReadRequest,
  { provider, shape, mostTokens }: BodyTarget,
): boolean {
  const { operation, protocol } = request;
  if (operation === 'count-tokens' && provider?.countBody !== undefined) return true;
  if (repeatsModel.has(operation) && codecs[protocol].withModel !== undefined) return true;
  if (operation !== 'generate') return false;
  const rules = provider?.adapt !== undefined || shape !== undefined || mostTokens !== undefined;
  return rules || read.amount !== undefined || holdsWrappedSignature(request, read);
}

/** Whether the body has the name already. A spelling of the same one stays: the list may have several, and the bytes are the client's. */
function namesModel({ model, modelSpan }: RequestBody, target: BodyTarget): boolean {
  return modelSpan === undefined || target.model.toLowerCase() === model.toLowerCase();
}

/** What asks a stream for its usage, where its client has not. */
function usageEdit({ protocol, operation, stream, body, streamOptions }: RequestBody, target: BodyTarget) {
  return target.provider?.streamUsage === true && operation === 'generate' && stream
    ? codecs[protocol].streamUsage?.edit(body, streamOptions)
    : undefined;
}

/** The client's body with what has to be another, in steps: what the suffix, the owner and the provider want. */
function* changing(
  request: RequestBody,
  read: ReadRequest,
  target: BodyTarget,
): Generator<void, WrittenBody> {
  const { model, stream, provider, shape, mostTokens, traits = modelTraits(model) } = target;
  const { protocol, operation, body } = request;
  const codec = codecs[protocol];
  const given = read.json();
  if (operation === 'count-tokens' && provider?.countBody !== undefined) {
    const counted = provider.countBody(given, model);
    yield;
    return { ...unasked, losses: [], body: JSON.stringify(counted) };
  }
  if (operation !== 'generate') {
    const named = codec.withModel?.(given, model) ?? given;
    yield;
    const patched = yield* patching(body, given, named);
    yield;
    return { ...unasked, losses: [], body: yield* writingOnce(patched, named) };
  }
  const losses: Loss[] = [];
  const report = boundedReport(losses);
  const hidesUsage = usageEdit(request, target) !== undefined;
  let changed = namesModel(request, target) ? given : { ...given, model };
  if (hidesUsage) changed = codec.streamUsage?.asked(changed) ?? changed;
  // Signatures of other families are ours to open; the provider would refuse them.
  if (holdsWrappedSignature(request, read)) {
    changed = codec.sameProtocolSignatures(changed, { model, report });
    yield;
  }
  // The suffix beats the body: the person who wrote the model's name had the last word.
  if (read.amount !== undefined)
    changed = codec.withAmount(changed, read.amount, { model, stream, traits, report });
  if (mostTokens !== undefined)
    changed = codec.withAnswerLimit(changed, mostTokens, { model, stream, traits, report });
  changed = shape?.(changed) ?? changed;
  changed = provider?.adapt?.(changed, { model, stream, report }) ?? changed;
  yield;
  const patched = yield* patching(body, given, changed);
  yield;
  // The owner's rules have looked at one of two members of a name: the other must not be what the provider takes.
  const ruled = shape !== undefined || mostTokens !== undefined;
  const written = ruled ? yield* writingOnce(patched, changed) : patched;
  yield;
  return { sameProtocol: true, hidesUsage, losses, body: codec.withoutInvented?.(written) ?? written };
}

/** The body with what differs between the two values: of a short one at once. */
function* patching(
  body: Uint8Array<ArrayBuffer>,
  given: JsonObject,
  changed: JsonObject,
): Generator<void, Uint8Array<ArrayBuffer>> {
  return body.length > workedAtOnce
    ? yield* patchingJson(body, given, changed)
    : patchedJson(body, given, changed);
}

/** What the owner's rules may ask of a call. */
function payloadCall(request: ClientRequest, { credential, model, target }: Candidate): PayloadCall {
  const { provider } = credential;
  const withoutSuffix = request.model.replace(/\([^()]*\)$/, '');
  return {
    models: [model, withoutSuffix, request.model, ...(target === undefined ? [] : [target.name])],
    protocol: provider.protocol,
    provider: provider.name,
    clientProtocol: request.protocol,
    headers: request.headers,
  };
}

/** The body inside the provider's wrapping, byte for byte. */
function enveloped(body: UpstreamBody, { envelope }: Provider, model: string): UpstreamBody {
  if (envelope === undefined) return body;
  const { before, behind } = envelope.around(model);
  if (typeof body === 'string') return before + body + behind;
  return new Uint8Array(Buffer.concat([Buffer.from(before), body, Buffer.from(behind)]));
}

/** One search a request: its attempts and the steps of a changed body share the result. */
function holdsWrappedSignature({ protocol, body }: RequestBody, read: ReadRequest): boolean {
  // Without a Buffer over them: that costs as much as the search.
  const holds = (mark: string): boolean => Buffer.prototype.includes.call(body, mark, 0, 'latin1');
  read.hasWrappedSignature ??= holds(signatureMark) || (codecs[protocol].wrapMarks?.some(holds) ?? false);
  return read.hasWrappedSignature;
}

/** The most losses of one kind and field: further ones repeat it for other places. */
const mostAlike = 64;

function boundedReport(losses: Loss[]): LossReport {
  const report = lossesInto(losses);
  let alike: Map<string, number> | undefined;
  return hinting((kind, field, detail) => {
    if (losses.length >= mostAlike) {
      alike ??= new Map();
      const code = `${kind} ${field}`;
      const count = (alike.get(code) ?? 0) + 1;
      if (count > mostAlike) return;
      alike.set(code, count);
    }
    report(kind, field, detail);
  });
}

/** The request in another protocol's words, in steps. Throws {@link InvalidRequest} when the client's body cannot be read. */
function* translating(
  request: RequestBody,
  read: ReadRequest,
  { protocol, model, stream, provider, traits = modelTraits(model), shape, mostTokens }: BodyTarget,
): Generator<void, WrittenBody> {
  const { demandTranslatable, conversationField } = codecs[request.protocol];
  demandTranslatable?.(read.json());
  const canonical = read.canonical();
  // Every provider refuses such a request, and each in words of another protocol.
  if (canonical.messages.length === 0)
    throw new InvalidRequest(conversationField, 'expected one or more, found none');
  const losses: Loss[] = [];
  const report = boundedReport(losses);
  const target: EncodeTarget = { model, stream, traits, report };
  yield* reportDoubled(canonical, request.body, { from: request.protocol, to: protocol }, report);
  const { encodingRequest, withAnswerLimit, streamUsage } = codecs[protocol];
  const encoded = yield* encodingRequest(canonical, target);
  yield;
  const counted =
    provider?.streamUsage === false && streamUsage !== undefined ? streamUsage.refused(encoded) : encoded;
  const written = mostTokens === undefined ? counted : withAnswerLimit(counted, mostTokens, target);
  const shaped = shape?.(written) ?? written;
  const body = provider?.adapt?.(shaped, { model, stream, report }) ?? shaped;
  yield;
  const isLong = request.body.length > workedAtOnce;
  const json = isLong ? yield* writingJson(body) : JSON.stringify(body);
  yield;
  const mended = isLong ? yield* mendingJson(json) : mendedJson(json);
  return { ...unasked, sameProtocol: false, body: mended, losses };
}
