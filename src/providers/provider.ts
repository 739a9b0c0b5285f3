/** What a provider is: where its API is, how it wants to be asked, and which protocol it speaks. A record, no code paths of its own. */
import type { LossReport } from '../protocols/codec.ts';
import type { Json, JsonObject } from '../protocols/json.ts';
import { asObject, asObjects, asString } from '../protocols/json-members.ts';
import type { Protocol } from '../protocols/model.ts';
import type { Operation } from '../protocols/operation.ts';
import type { QuotaReport } from './quota-report.ts';
import type { Refusal } from './refusal.ts';

export interface Provider {
  /** As in `cooldown.providers`, the log and model lists; an account and a key of one company are two. */
  name: string;
  /** For people. */
  title: string;
  protocol: Protocol;
  /** Paths below the base URL. An absent operation is one that the provider does not have. */
  endpoints: Partial<Record<Operation, (call: { model: string; stream: boolean }) => string>>;
  /** Headers that prove who is asking. */
  authenticate: (secret: string, baseUrl: string) => Record<string, string>;
  /** Headers that the protocol demands of every request. */
  headers: Record<string, string>;
  /** Client headers that are part of the protocol and go through when both sides speak it. */
  forwards: readonly string[];
  /** Models that a credential without a `models` list serves; `*` matches any text. */
  families: readonly string[];

  /** Each token is billed, also where its credential is an account; without it accounts are subscriptions. */
  billed?: true;
  /** Models with limits of their own beside the account's: when they are used up, the others go on. */
  ownLimits?: readonly string[];
  /** Wider families: their models go here where no other credential serves them. */
  otherFamilies?: readonly string[];
  /** Further names under which clients know its models. `offered` is what the provider has reported of the account, if it has. */
  alsoNamed?: {
    /** The provider's own name for such a name; undefined for names that are none. */
    own: (name: string, offered: readonly string[] | undefined) => string | undefined;
    /** The further names to list beside these. */
    listed: (names: readonly string[], offered: readonly string[] | undefined) => readonly string[];
  };
  /**
   * The models that lists name for a credential without a `models` list, as shipped. Others of its families work too, and
   * where the provider lists its models itself ({@link offers}), that list takes the place of this one.
   */
  models: readonly string[];
  /** The same where the account decides: its plan, or what the provider has offered. */
  listed?: readonly string[] | undefined;
  /**
   * Where it lists the models that it has for a credential, below the base URL, and their names in the answer. With a `body`
   * it is asked by POST.
   */
  offers?: { path: string; body?: JsonObject; names: (body: Json) => readonly string[] };
  /** The same models in further protocols, at the same base URL: clients of those are answered in their own. */
  also?: readonly Provider[];
  /** Of {@link headers}, those whose list a client's own value of the same header extends instead of replacing it. */
  joinedHeaders?: readonly string[];
  /** Models that are answered with a stream only, also to who wants a whole answer: it is put together here. */
  streamsOnly?: (model: string) => boolean;
  /**
   * The changes for this service's differences from its protocol: gives the very same object when nothing changes, and reports
   * the members that the service cannot take. Only generating requests; never changes its argument.
   */
  adapt?: (body: JsonObject, call: AdaptedCall) => JsonObject;
  /** The body that asks to count the tokens of a request in this protocol's form. */
  countBody?: (body: JsonObject, model: string) => JsonObject;
  /** The wrapping around bodies and answers, for services that wrap their protocol. */
  envelope?: ProviderEnvelope;
  /** Answers with a meaning beyond their status. The first match applies. */
  refusals?: readonly Refusal[];
  /** What a person does when the account's login no longer holds: `cli-proxy-api auth claude`. */
  signIn?: string;
  /** Whether answers may also come over a WebSocket, and the headers that it opens with. */
  websocket?: { headers: Record<string, string> };
  /**
   * Whether `stream_options.include_usage` may be asked of its streams (OpenAI Chat only): true where it is known to take the
   * field, false where it refuses it, absent where neither is known.
   */
  streamUsage?: boolean | undefined;
  /** Whether it keeps answers itself, for `previous_response_id` (OpenAI Responses only). */
  keepsResponses?: boolean;
  /** Where it reports what an account has left of its quota; asked only where the owner wants that (`quota.poll`). */
  quotaReport?: QuotaReport;
  /** How connections to this provider are protected, where the usual way is not enough. */
  tls?: BunFetchRequestInitTLS | undefined;
  /** Speaks HTTP/2 where the provider does. */
  http2?: boolean;
}

export interface AdaptedCall {
  /** The provider's id of the model. */
  model: string;
  stream: boolean;
  report: LossReport;
}

export interface ProviderEnvelope {
  /** The texts before and after the body, which stays unchanged in between. */
  around: (model: string) => { before: string; behind: string };
  /** The body inside the JSON text of an answer or of one event of a stream; the same text where none is wrapped (errors). */
  unwrap: (text: string) => string;
}

/** The address for a path: a version segment that is in both the base and the path occurs once. */
export function endpointUrl(baseUrl: string, path: string): string {
  const base = baseUrl.endsWith('/') ? baseUrl.slice(0, -1) : baseUrl;
  const version = /^\/v\d[a-z0-9]*(?=\/)/.exec(path)?.[0];
  return version !== undefined && base.endsWith(version) ? base + path.slice(version.length) : base + path;
}

/** The ids in a list of models, as OpenAI and Anthropic both write it: those that talk, not those that draw or embed. */
export function listedIds(body: Json): readonly string[] {
  const ids = asObjects(asObject(body)?.data).flatMap(({ id }) => asString(id) ?? []);
  return ids.filter((id) => !/image|imagine|video|embed|whisper|tts|rerank|ocr/i.test(id));
}

/** A bearer token (RFC 6750 §2.1); no header for providers that ask for no key. */
export function bearer(secret: string): Record<string, string> {
  return secret === '' ? {} : { authorization: `Bearer ${secret}` };
}
