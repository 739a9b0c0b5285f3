/** Counting the tokens of a request: asked of the provider where it can, otherwise an estimate marked as one. */
import type { Candidate } from '../credentials/catalog.ts';
import { atOnce, runYielding, yieldToEventLoop } from '../ground/steps.ts';
import { inputTokens } from '../limits/token-estimate.ts';
import { modelTraits } from '../models/known-models.ts';
import { isObject, type JsonObject, parseJson } from '../protocols/json.ts';
import type { Protocol } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import type { Request as CanonicalRequest } from '../protocols/request.ts';
import { endpointUrl } from '../providers/provider.ts';
import { type ClientRequest, jsonHeaders } from './answer.ts';
import { type Attempt, type AttemptDeps, type AttemptResult, attempt, givenUp } from './attempt.ts';
import { demandLightConversation } from './call-weight.ts';
import type { AttemptFailure } from './failure.ts';
import { lackingFailure, lacksCount } from './lacking-answer.ts';
import { runQueued } from './long-work.ts';
import { parseYielding, type ReadRequest } from './read-request.ts';
import type { Finished } from './stream/pass-stream.ts';
import { jsonInTurns, mendedInTurns } from './text-in-turns.ts';
import { notJson, readText } from './translate-whole.ts';
import { callUpstream } from './upstream/call.ts';
import { upstreamHeaders } from './upstream/request-headers.ts';
import { workedAtOnce, yieldFor } from './yield-for.ts';

/** The statuses of servers without this address, or without this method at it. */
const noSuchAddress = new Set([404, 405, 501]);

/** The ends of counting addresses: servers may repeat the address in their refusal. */
const countingAddresses = Object.values(codecs).flatMap(({ tokenCounting }) => tokenCounting.address ?? []);

/**
 * The provider's count; an estimate where its record has no address for that, or the service behind `base-url` answers that
 * it has none. A refusal about the model stays one.
 */
export const countTokens: Attempt = async (request, read, candidate, deps, finished) => {
  const { provider } = candidate.credential;
  const counts = provider.endpoints['count-tokens'] !== undefined;
  if (!counts) return estimate(request, read, deps, finished);
  const counted = await askedCount(request, read, candidate, deps, finished);
  if (counted.ok || !lacksAddress(counted.failure, candidate.model)) return counted;
  deps.log.info('tokens estimated: the service has no address that counts them', {
    id: request.id,
    credential: candidate.credential.label,
    model: candidate.model,
    status: counted.failure.error.status,
  });
  return estimate(request, read, deps, finished);
};

function lacksAddress({ error, body }: AttemptFailure, model: string): boolean {
  if (!noSuchAddress.has(error.status)) return false;
  const said = body ?? error.message;
  if (error.status !== 404 || countingAddresses.some((end) => said.includes(end))) return true;
  return error.code !== 'model_not_found' && !said.toLowerCase().includes(model.toLowerCase());
}

/** Rejects with InvalidRequest for a body that is no request. */
async function estimate(
  request: ClientRequest,
  read: ReadRequest,
  deps: AttemptDeps,
  finished: Finished,
): Promise<AttemptResult> {
  const tokens = await whenQueued(request, deps, async () => {
    await canonicalOf(request, read, deps.bounds['json-values']);
    read.forget();
    await yieldFor(request.body.length);
    return inputTokens(request.body, deps.bounds['token-estimate']);
  });
  if (tokens === undefined) return { ok: false, failure: givenUp };
  return counted(request, tokens.done, { 'x-token-count': 'estimate' }, finished);
}

/** Runs the work: at once for a short body, behind other long ones for a long one. */
async function whenQueued<Result>(
  { body }: ClientRequest,
  { longWork, watch }: AttemptDeps,
  run: () => Promise<Result>,
): Promise<{ done: Result } | undefined> {
  if (body.length <= workedAtOnce) return { done: await run() };
  return runQueued(longWork, body.length, watch, run);
}

/** The request that is to be counted; a long one is read while yielding to others. Rejects with InvalidRequest. */
async function canonicalOf(
  request: ClientRequest,
  read: ReadRequest,
  mostValues: number,
): Promise<CanonicalRequest> {
  const { protocol, body } = request;
  await parseYielding(request, read);
  const canonical = codecs[protocol].decodeRequest(countedRequest(protocol, read.json()), request);
  if (body.length > workedAtOnce) {
    await yieldToEventLoop();
    demandLightConversation(canonical, mostValues);
  }
  return canonical;
}

function counted(
  { protocol }: ClientRequest,
  tokens: number,
  marks: Record<string, string>,
  finished: Finished,
): AttemptResult {
  finished({});
  const headers = { ...jsonHeaders, ...marks };
  const body = JSON.stringify(codecs[protocol].tokenCounting.answer(tokens));
  return { ok: true, answer: { status: 200, headers, body }, losses: [] };
}

const askedCount: Attempt = async (request, read, candidate, deps, finished) => {
  const { provider, baseUrl } = candidate.credential;
  const endpoint = provider.endpoints['count-tokens'];
  if (endpoint === undefined || provider.protocol === request.protocol)
    return attempt(request, read, candidate, deps, finished);
  const written = await whenQueued(request, deps, async () => {
    const body = await countedBody(request, read, candidate, deps.bounds['json-values']);
    read.forget();
    return body;
  });
  if (written === undefined) return { ok: false, failure: givenUp };
  const called = await callUpstream(
    {
      url: endpointUrl(baseUrl, endpoint({ model: candidate.model, stream: false })),
      headers: upstreamHeaders(request, candidate, {
        sameProtocol: false,
        stream: false,
        userAgent: deps.userAgent,
      }),
      body: () => written.done,
    },
    candidate.credential,
    deps,
  );
  if (!called.ok) return called;
  const text = await readText(called.answer);
  if (!text.ok) return text;
  // A count is a few words; what is longer is none.
  const value = text.value.length > workedAtOnce ? undefined : parseJson(text.value);
  if (!isObject(value)) return { ok: false, failure: notJson(text.value) };
  const codec = codecs[provider.protocol];
  const tokens = codec.tokenCounting.read(value);
  if (tokens === undefined)
    return {
      ok: false,
      failure: lackingFailure(codec, value, lacksCount(codec), called.answer.headers, deps.clock.now()),
    };
  return counted(request, tokens, {}, finished);
};

/** What the provider is asked for the request's count; a long one is translated while yielding to others. */
async function countedBody(
  request: ClientRequest,
  read: ReadRequest,
  { credential: { provider }, model }: Candidate,
  mostValues: number,
): Promise<string> {
  const { length } = request.body;
  const canonical = await canonicalOf(request, read, mostValues);
  await yieldFor(length);
  const { encodingRequest, tokenCounting } = codecs[provider.protocol];
  const traits = modelTraits(model);
  const steps = encodingRequest(canonical, { model, stream: false, traits, report: () => {} });
  const body = await (length > workedAtOnce ? runYielding(steps) : atOnce(steps));
  await yieldFor(length);
  const asked = provider.countBody?.(body, model) ?? tokenCounting.ask?.(body, model) ?? {};
  return mendedInTurns(await jsonInTurns(asked, length));
}

/** The request that is to be counted, whatever the counting request has around it. */
function countedRequest(protocol: Protocol, body: JsonObject): JsonObject {
  return codecs[protocol].tokenCounting.counted?.(body) ?? body;
}
