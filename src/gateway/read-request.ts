/** The client's request in every form that it is read into, each made once, however many attempts need it. */
import type { RouteTarget } from '../credentials/route-target.ts';
import { runYielding, yieldToEventLoop } from '../ground/steps.ts';
import { withoutConversation } from '../protocols/conversation.ts';
import { InvalidRequest } from '../protocols/invalid-request.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { ReasoningAmount } from '../protocols/reasoning.ts';
import { codecs } from '../protocols/registry.ts';
import type { Request as CanonicalRequest } from '../protocols/request.ts';
import { mayHoldHalves, mendStrings } from '../protocols/well-formed.ts';
import type { ClientRequest } from './answer.ts';
import { parseBody, parsingBody } from './json-body.ts';
import { isLarge, isReleased } from './large-body.ts';
import { workedAtOnce } from './yield-for.ts';

/** What the body of an upstream request depends on, of all that a client's request is. */
export type RequestBody = Pick<
  ClientRequest,
  'protocol' | 'operation' | 'model' | 'modelSpan' | 'streamOptions' | 'stream' | 'body'
>;

/** The client's request read once, however many attempts need it. */
export interface ReadRequest {
  /** Throws {@link InvalidRequest}. */
  json(): JsonObject;
  /** Reads it in steps, for a long body: from then on it is there. Throws {@link InvalidRequest}. */
  parsing(): Generator<void, void>;
  /** The same, where somebody has needed it and it is still there. */
  parsed(): JsonObject | undefined;
  /** Throws {@link InvalidRequest}. */
  canonical(): CanonicalRequest;
  /** What an answer is read and written with: the request without its conversation. Throws {@link InvalidRequest}. */
  answered(): CanonicalRequest;
  /** Lets go of the forms that a large request was read into: they come again from its bytes where they are asked for. */
  forget(): void;
  /** The effort in the suffix of the model's name. */
  amount: ReasoningAmount | undefined;
  /** Whether the body holds a signature that the gateway has wrapped; undefined until it was searched for one. */
  hasWrappedSignature: boolean | undefined;
}

/** `amount`: the effort in the suffix of the model's name; it overrides that of the body. */
export function readRequest(
  request: RequestBody,
  amount: ReasoningAmount | undefined = undefined,
): ReadRequest {
  let json: JsonObject | undefined;
  let canonical: CanonicalRequest | undefined;
  let answered: CanonicalRequest | undefined;
  const large = isLarge(request.body);
  const { exactMembers } = codecs[request.protocol];
  /** The problem of the body, and of its contents: found once for all readers. */
  let broken: InvalidRequest | undefined;
  let wrong: InvalidRequest | undefined;
  const readJson = (): JsonObject => {
    if (broken !== undefined) throw broken;
    try {
      json ??= parseBody(request.body, exactMembers);
    } catch (error) {
      broken = refusalIn(error);
      throw error;
    }
    return json;
  };
  const decode = (): CanonicalRequest => {
    if (wrong !== undefined) throw wrong;
    const body = readJson();
    try {
      return codecs[request.protocol].decodeRequest(body, request);
    } catch (error) {
      wrong = refusalIn(error);
      throw error;
    }
  };
  const readCanonical = (): CanonicalRequest => {
    if (canonical === undefined) {
      const decoded = decode();
      // The suffix beats the body: the person who wrote the model's name had the last word.
      canonical =
        amount === undefined ? decoded : { ...decoded, reasoning: { ...decoded.reasoning, amount } };
    }
    return canonical;
  };
  return {
    amount,
    hasWrappedSignature: undefined,
    json: readJson,
    *parsing() {
      if (broken !== undefined) throw broken;
      try {
        json ??= yield* parsingBody(request.body, exactMembers);
      } catch (error) {
        broken = refusalIn(error);
        throw error;
      }
    },
    parsed: () => json,
    canonical: readCanonical,
    answered() {
      if (!large) return readCanonical();
      answered ??= isReleased(request.body) ? bareRequest(request) : withoutConversation(readCanonical());
      return answered;
    },
    forget() {
      if (!large) return;
      if (canonical !== undefined) answered ??= withoutConversation(canonical);
      json = undefined;
      canonical = undefined;
    },
  };
}

/** The request as it is read for a target of a model route; what its client is answered by stays as it is. */
export function readFor(read: ReadRequest, target: RouteTarget | undefined): ReadRequest {
  const amount = target?.amount;
  if (amount === undefined) return read;
  return {
    ...read,
    amount,
    canonical() {
      const canonical = read.canonical();
      return { ...canonical, reasoning: { ...canonical.reasoning, amount } };
    },
  };
}

function refusalIn(error: unknown): InvalidRequest | undefined {
  return error instanceof InvalidRequest ? error : undefined;
}

/** A request for reading an answer that goes through as it is: errors, and what an event is, are read without looking at more. */
export function bareRequest({ model, stream }: Pick<RequestBody, 'model' | 'stream'>): CanonicalRequest {
  return { model, stream, messages: [] };
}

/** The same where the request is not at hand. */
export const unknownRequest = bareRequest({ model: '', stream: true });

/** Has a long body parsed step by step, yielding to others before and behind it. Rejects with {@link InvalidRequest}. */
export async function parseYielding({ body }: Pick<RequestBody, 'body'>, read: ReadRequest): Promise<void> {
  if (body.length <= workedAtOnce) return;
  await yieldToEventLoop();
  await runYielding(read.parsing());
  await yieldToEventLoop();
}

/** Has a long body read step by step, before it is translated. Rejects with {@link InvalidRequest}. */
export async function readYielding(request: Pick<RequestBody, 'body'>, read: ReadRequest): Promise<void> {
  if (request.body.length <= workedAtOnce) return;
  await parseYielding(request, read);
  // Their positions, and in a turn of its own: searching the written text for them takes five times as long.
  if (mayHoldHalves(request.body)) {
    mendStrings(read.json());
    await yieldToEventLoop();
  }
  read.canonical();
  await yieldToEventLoop();
}
