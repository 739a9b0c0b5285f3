/** Client keys with limits pass here, whatever they ask: what they may use, how much of it, and what it came to. */
import type { Bounds } from '../config/bounds.ts';
import type { Candidate } from '../credentials/catalog.ts';
import { reachable } from '../credentials/route-target.ts';
import type { Answer, ClientRequest, Settlement } from '../gateway/answer.ts';
import { errorAnswer, internalError } from '../gateway/error-answer.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { mayAsk, usableBy } from '../gateway/key-permission.ts';
import { countsTokens } from '../gateway/trace/settlement.ts';
import { yieldFor } from '../gateway/yield-for.ts';
import { type AskedInBody, askedInBody } from '../limits/asked-in-body.ts';
import type { Expected, LimitedKey, Limiter, Spent } from '../limits/limiter.ts';
import { mostNamed } from '../limits/named-models.ts';
import { mayUseModel } from '../limits/permission.ts';
import { inputTokens, usualAnswer, type WantedAnswer } from '../limits/token-estimate.ts';
import { modelTraits } from '../models/known-models.ts';
import type { Protocol } from '../protocols/model.ts';
import type { Operation } from '../protocols/operation.ts';
import type { ProtocolError } from '../protocols/protocol-error.ts';
import { fitReasoning, type ReasoningAmount, splitModelSuffix } from '../protocols/reasoning.ts';
import { codecs } from '../protocols/registry.ts';
import type { Log } from '../telemetry/log.ts';

export interface ClientLimiter {
  /**
   * Answers a request by `run`, within the limits of the key. A key without limits costs nothing. Never rejects: what is thrown
   * over a request is an answer, too.
   */
  pass(
    key: LimitedKey | undefined,
    request: ClientRequest,
    run: (request: ClientRequest) => Promise<Answer>,
  ): Promise<Answer>;
  /** Why a request that costs no tokens is refused, as an answer; undefined when it may go on, and then it is counted. */
  refusal(
    key: LimitedKey | undefined,
    protocol: Protocol,
    model?: string,
  ): Answer | undefined | Promise<Answer | undefined>;
}

export function createClientLimiter(
  gateway: Pick<Gateway, 'catalog' | 'refuse' | 'trace'>,
  limiter: Limiter,
  bounds: () => Bounds,
  log: Pick<Log, 'error'>,
): ClientLimiter {
  const report = (sentence: string, { id }: ClientRequest, error: unknown): void =>
    log.error(sentence, { id, error: error instanceof Error ? error.stack : String(error) });

  async function passLimited(
    key: LimitedKey,
    request: ClientRequest,
    run: (request: ClientRequest) => Promise<Answer>,
  ): Promise<Answer> {
    const refuse = (error: ProtocolError): Answer => patient(gateway.refuse(request, error), error);
    const notAllowed = permissionError(gateway, key, request.model);
    if (notAllowed !== undefined) return refuse(notAllowed);
    const wants = {
      models: key.limits.models !== undefined,
      answer: generates.has(request.operation),
      inAddress: request.modelSpan === undefined ? request.model : undefined,
      contentType: request.headers.get('content-type'),
    };
    const inBody = askedInBody(request.body, wants);
    const otherModel = otherModelError(key, inBody);
    if (otherModel !== undefined) return refuse(otherModel);
    const usable = usableBy(key, request.model, gateway.catalog().route(request.model));
    const expected = expectedOf(gateway, request, inBody, usable, bounds()['token-estimate']);
    await yieldFor(request.body.length);
    const asking = limiter.prepare(key, expected);
    if (asking !== undefined) await asking;
    const entry = limiter.admit(key, expected);
    if (!entry.ok) return refuse(entry.error);

    const asked: ClientRequest = {
      ...request,
      ...(expected !== undefined && { expectedInput: expected.input }),
      settled: (settlement) => entry.settle(spentOf(request, expected, settlement)),
    };
    if (usable !== undefined) asked.mayUse = usable;
    try {
      const answer = await run(asked);
      // A request that was never settled used nothing.
      if (!(answer.body instanceof ReadableStream)) entry.settle(undefined);
      return answer;
    } catch (error) {
      entry.settle(undefined);
      throw error;
    }
  }

  /** An answer to a request that something was thrown over: it has its line in the log, whatever came before. */
  function thrown(request: ClientRequest, error: unknown): Answer {
    report('internal error', request, error);
    return gateway.trace(request.id)?.outcome === undefined
      ? gateway.refuse(request, internalError)
      : errorAnswer(request.protocol, internalError);
  }

  return {
    pass: (key, request, run) =>
      (key === undefined ? run(request) : passLimited(key, request, run)).catch((error: unknown) =>
        thrown(request, error),
      ),
    refusal(key, protocol, model) {
      if (key === undefined) return undefined;
      const notAllowed = model === undefined ? undefined : permissionError(gateway, key, model);
      if (notAllowed !== undefined) return errorAnswer(protocol, notAllowed);
      const admitted = (): Answer | undefined => {
        const entry = limiter.admit(key, undefined);
        if (!entry.ok) return patient(errorAnswer(protocol, entry.error), entry.error);
        entry.settle(undefined);
        return undefined;
      };
      return limiter.prepare(key, undefined)?.then(admitted) ?? admitted();
    },
  };
}

/** Longer waits than this are for people: the official clients are asked not to wait by themselves. */
const longestPatience = 60;

function patient(answer: Answer, error: ProtocolError): Answer {
  // A header of OpenAI's and Anthropic's clients, which try a 429 again otherwise.
  if ((error.retryAfter ?? 0) > longestPatience) answer.headers['x-should-retry'] = 'false';
  return answer;
}

function permissionError(
  gateway: Pick<Gateway, 'catalog'>,
  key: LimitedKey,
  model: string,
): ProtocolError | undefined {
  const { limits } = key;
  if (limits.models === undefined && limits.providers === undefined) return undefined;
  const route = gateway.catalog().route(model);
  // A model that the key may not use is one that there is not: names of others are not given away either.
  if (route === undefined || !mayAsk(key, model, route)) return noModelFor(key, model);
  const usable = usableBy(key, model, route);
  if (usable === undefined || reachable(route).some(usable)) return undefined;
  return {
    status: 403,
    kind: 'permission',
    message: `No provider that ${whose(key)} may use serves the model "${model}".`,
    code: 'provider_not_allowed',
    param: 'model',
  };
}

function whose({ name }: LimitedKey): string {
  return name === undefined ? 'this key' : `the key ${name}`;
}

function noModelFor(key: LimitedKey, model: string): ProtocolError {
  return {
    status: 404,
    kind: 'not-found',
    message: `There is no model "${model}" for ${whose(key)}. GET /v1/models lists what it may use.`,
    code: 'model_not_found',
    param: 'model',
  };
}

/** Why a request is refused that has a provider go on to models which the key may not use. */
function otherModelError(key: LimitedKey, { models }: AskedInBody): ProtocolError | undefined {
  if (models.length > mostNamed) return tooManyModels;
  const other = models.find((model) => !mayUseModel(key.limits, model));
  return other === undefined ? undefined : noModelFor(key, other.slice(0, longestShown));
}

const tooManyModels: ProtocolError = {
  status: 400,
  kind: 'invalid-request',
  message: `The request names more than ${mostNamed} models beside its own.`,
};

/** Characters of a name that an error repeats. */
const longestShown = 256;

/** Operations with the largest size of the answer in the body. */
const generates: ReadonlySet<Operation> = new Set(['generate', 'interact', 'interact-beta']);

/** What a request may come to; undefined for one that costs no tokens. `limit`: bytes that are read to estimate it. */
function expectedOf(
  gateway: Pick<Gateway, 'catalog'>,
  request: ClientRequest,
  { answer: wanted }: AskedInBody,
  usable: ClientRequest['mayUse'],
  limit: number,
): Expected | undefined {
  const { operation, body } = request;
  if (operation === 'count-tokens') return undefined;
  const candidates = gateway.catalog().route(request.model)?.tiers.flat() ?? [];
  const first = usable === undefined ? candidates[0] : candidates.find(usable);
  const model = first?.model ?? request.model;
  const named = { model, asked: first?.target?.name ?? request.model };
  switch (operation) {
    case 'generate':
    case 'interact':
    case 'interact-beta': {
      const most = Math.min(
        modelTraits(model)?.maxOutputTokens ?? Number.POSITIVE_INFINITY,
        first?.target?.maxOutputTokens ?? Number.POSITIVE_INFINITY,
      );
      const { tokens = usualAnswer, answers = 1 } = wanted;
      const raised = withThinking(tokens, wanted, request, first);
      return {
        ...named,
        input: inputTokens(body, limit),
        output: Math.min(raised, most) * Math.max(1, answers),
        ...(wanted.later && { later: true }),
      };
    }
    case 'embed':
    case 'embed-content':
      return { ...named, input: inputTokens(body, limit), output: 0 };
    case 'compact':
      return { ...named, input: inputTokens(body, limit), output: usualAnswer };
    default:
      // Images and speech are not counted in tokens of text.
      return { ...named, input: 0, output: 0 };
  }
}

/** The largest answer where the request's wish to think makes it larger than the client has written it. */
function withThinking(
  tokens: number,
  wanted: WantedAnswer,
  { protocol, model: asked }: ClientRequest,
  candidate: Candidate | undefined,
): number {
  if (candidate === undefined) return tokens;
  const { credential, model, target } = candidate;
  const named = target?.amount ?? splitModelSuffix(asked).amount;
  const { limitWithThinking } = codecs[credential.provider.protocol];
  // A body that passes through has its largest answer itself.
  if (limitWithThinking === undefined || (named === undefined && credential.provider.protocol === protocol))
    return tokens;
  const amount = named ?? wishOf(wanted);
  const fitted = fitReasoning(amount, modelTraits(model)?.reasoning);
  return fitted?.kind === 'budget' ? limitWithThinking(tokens, fitted.tokens) : tokens;
}

function wishOf({ thinks, thinking }: WantedAnswer): ReasoningAmount | undefined {
  if (thinking !== undefined) return { kind: 'budget', tokens: thinking };
  return thinks ? { kind: 'auto' } : undefined;
}

/** What a request has come to for its limits; undefined when to nothing. */
function spentOf(
  { operation }: ClientRequest,
  expected: Expected | undefined,
  { status, usage, candidate }: Settlement,
): Spent | undefined {
  if (expected === undefined) return undefined;
  if (expected.later && status < 400 && usage.counted !== 'provider')
    return { model: candidate?.model ?? expected.model, tokens: 0, cost: undefined, isReserved: true };
  if (usage.counted === 'none') return undefined;
  const { tokens, cost } = usage;
  // Those of images and sound are none of a budget's tokens: they count as requests, and as what they cost where that is known.
  const counted = countsTokens(operation) ? (tokens.input ?? 0) + (tokens.output ?? 0) : 0;
  return {
    model: candidate?.model ?? expected.model,
    tokens: counted,
    cost: cost?.nano,
    ...(usage.counted === 'unknown' && { isUnknown: true }),
  };
}
