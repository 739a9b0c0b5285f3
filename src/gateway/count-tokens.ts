/** Counting the tokens of a request: asked of the provider where it can, otherwise an estimate marked as one. */
import type { Candidate } from '../credentials/catalog.ts';
import { inTurns, nextTurn } from '../ground/steps.ts';
import { inputTokens } from '../limits/token-estimate.ts';
import { modelTraits } from '../models/known-models.ts';
import { asNumber, isObject, type JsonObject, parseJson } from '../protocols/json.ts';
import type { Protocol } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import { mendedJson } from '../protocols/well-formed.ts';
import { endpointUrl } from '../providers/provider.ts';
import { type ClientRequest, jsonHeaders } from './answer.ts';
import { type AttemptDeps, type AttemptResult, attempt } from './attempt.ts';
import { type AttemptFailure, brokenUpstream } from './failure.ts';
import type { ReadRequest } from './read-request.ts';
import type { Finished } from './stream/pass-stream.ts';
import { readText } from './translate-whole.ts';
import { workedAtOnce } from './turn.ts';
import { callUpstream } from './upstream/call.ts';
import { upstreamHeaders } from './upstream/request-headers.ts';

/** Statuses by which servers say that an address, or this method at it, is none of theirs. */
const noSuchAddress = new Set([404, 405, 501]);

/** How a server that repeats the address in its refusal writes it. */
const countingAddress = /:countTokens|\/count_tokens|\/input_tokens/;

/**
 * The provider's count; an estimate where its record has no address for that, or the service behind `base-url` answers that
 * it has none. A refusal about the model stays one.
 */
export async function countTokens(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  deps: AttemptDeps,
  finished: Finished,
): Promise<AttemptResult> {
  const { provider } = candidate.credential;
  const counts = provider.endpoints['count-tokens'] !== undefined;
  if (request.body.length > workedAtOnce && !(counts && provider.protocol === request.protocol)) {
    await inTurns(read.parsing());
    await nextTurn();
  }
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
}

function lacksAddress({ error, body }: AttemptFailure, model: string): boolean {
  if (!noSuchAddress.has(error.status)) return false;
  const said = body ?? error.message;
  if (error.status !== 404 || countingAddress.test(said)) return true;
  return error.code !== 'model_not_found' && !said.toLowerCase().includes(model.toLowerCase());
}

/** Throws InvalidRequest for a body that is no request. */
function estimate(
  request: ClientRequest,
  read: ReadRequest,
  { bounds }: AttemptDeps,
  finished: Finished,
): AttemptResult {
  codecs[request.protocol].decodeRequest(countedRequest(request.protocol, read.json()), request);
  return counted(
    request,
    inputTokens(request.body, bounds['token-estimate']),
    { 'x-token-count': 'estimate' },
    finished,
  );
}

function counted(
  { protocol }: ClientRequest,
  tokens: number,
  marks: Record<string, string>,
  finished: Finished,
): AttemptResult {
  finished({ input: tokens, output: 0 });
  const headers = { ...jsonHeaders, ...marks };
  const body = JSON.stringify(codecs[protocol].tokenCounting.answer(tokens));
  return { ok: true, answer: { status: 200, headers, body }, losses: [] };
}

async function askedCount(
  request: ClientRequest,
  read: ReadRequest,
  candidate: Candidate,
  deps: AttemptDeps,
  finished: Finished,
): Promise<AttemptResult> {
  const { provider, baseUrl } = candidate.credential;
  const endpoint = provider.endpoints['count-tokens'];
  if (endpoint === undefined || provider.protocol === request.protocol)
    return attempt(request, read, candidate, deps, finished);
  const canonical = codecs[request.protocol].decodeRequest(
    countedRequest(request.protocol, read.json()),
    request,
  );
  const body = codecs[provider.protocol].encodeRequest(canonical, {
    model: candidate.model,
    stream: false,
    traits: modelTraits(candidate.model),
    report: () => {},
  });
  const called = await callUpstream(
    {
      url: endpointUrl(baseUrl, endpoint({ model: candidate.model, stream: false })),
      headers: upstreamHeaders(request, candidate, {
        sameProtocol: false,
        stream: false,
        userAgent: deps.userAgent,
      }),
      body: () =>
        mendedJson(
          JSON.stringify(
            provider.countBody?.(body, candidate.model) ??
              codecs[provider.protocol].tokenCounting.ask?.(body, candidate.model) ??
              {},
          ),
        ),
    },
    candidate.credential,
    deps,
  );
  if (!called.ok) return called;
  const text = await readText(called.answer);
  if (!text.ok) return text;
  // A count is a few words; what is longer is none.
  const value = text.value.length > workedAtOnce ? undefined : parseJson(text.value);
  const tokens = isObject(value) ? (asNumber(value.input_tokens) ?? asNumber(value.totalTokens)) : undefined;
  if (tokens === undefined)
    return { ok: false, failure: brokenUpstream('The upstream gave no token count.') };
  return counted(request, tokens, {}, finished);
}

/** The request that is to be counted, whatever the counting request has around it. */
function countedRequest(protocol: Protocol, body: JsonObject): JsonObject {
  return codecs[protocol].tokenCounting.counted?.(body) ?? body;
}
