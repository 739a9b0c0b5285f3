/** What clients ask of a gateway, and a gateway of a provider; and at which addresses. */
import type { JsonObject } from './json.ts';

/** Operations whose requests and answers go through as they are: to providers of OpenAI's kind, and Google's Interactions. */
export const forwardedOperations = [
  'compact',
  'generate-image',
  'edit-image',
  'transcribe',
  'translate-speech',
  'speak',
  'interact',
  // Its answers have another form than those of the version that came after.
  'interact-beta',
] as const;
export type ForwardedOperation = (typeof forwardedOperations)[number];

/** Operations whose requests may be forms: their files stand in them as they are. */
export function takesForms(operation: Operation): boolean {
  return formOperations.has(operation);
}

const formOperations: ReadonlySet<Operation> = new Set([
  ...(['generate-image', 'edit-image', 'transcribe', 'translate-speech'] as const),
]);

/** Operations whose answers a model has written. */
export function writesText(operation: Operation): boolean {
  return operation === 'generate' || operation === 'compact' || operation.startsWith('interact');
}

/** Whether it is one of Google's Interactions API. */
export function isInteraction(operation: Operation): boolean {
  return operation === 'interact' || operation === 'interact-beta';
}

/** What can be asked of a provider. */
export type Operation =
  | 'generate'
  | 'count-tokens'
  /** Of several texts. */
  | 'embed'
  /** Of one content, in Gemini's form. */
  | 'embed-content'
  | ForwardedOperation;

/** The addresses at which clients speak a protocol. */
export interface Addresses {
  /** What each asks for: by `POST`, with the model in the body. */
  readonly calls: Readonly<Record<string, Operation>>;
  /** The methods of a model, `models/{model}:{method}`, where model and streaming are in the address. */
  readonly methods?: Readonly<Record<string, ModelMethod>>;
  /** A header that clients of this protocol alone send, and how they know each other at an address that several share. */
  readonly header?: string;
  /** Whether clients that send no header of a protocol are taken for clients of this one, where their address does not decide it. */
  readonly isUsual?: true;
  /** Where its models are listed: at an address of its own, beside the one that all protocols share. Methods of a model follow it. */
  readonly models?: string;
  /** Other beginnings of its addresses, in place of the version, as programs of its maker know them. */
  readonly otherBases?: readonly string[];
  /** The address of its models under other names: the text in place of {@link models}, and the slash after it. */
  readonly otherModels?: RegExp;
  /** The older Completions API, which its generation answers. */
  readonly completions?: string;
  /** Where it is spoken over a WebSocket, and behind it the answers that are kept by their id. */
  readonly keptAnswers?: string;
  /**
   * Addresses that are this protocol's alone, beside those of `calls` and what is below the same root: a client of them
   * expects its errors, whatever the headers.
   */
  readonly further?: RegExp;
  /** Names in the query that go on to a provider, where others could change what it reports, or whom it takes the client for; without it all do. */
  readonly query?: ReadonlySet<string>;
}

export interface ModelMethod {
  operation: Operation;
  stream: boolean;
}

/** How one protocol asks for the number of tokens of a request, and answers it. */
export interface TokenCounting {
  /** The request that a counting request of a client is about; the body itself where it is not wrapped. */
  counted?(body: JsonObject): JsonObject;
  /** The body for the provider's counting endpoint; undefined where the protocol has none. */
  ask?(body: JsonObject, model: string): JsonObject;
  /** The end of a counting address, as a server writes it that repeats the address in its refusal; undefined where there is none. */
  readonly address?: string;
  /** The answer to a client. */
  answer(tokens: number): JsonObject;
  /** Where the number stands in an answer. */
  readonly member: string;
  /** The number in an answer; undefined where it has none. */
  read(answer: JsonObject): number | undefined;
}

/** Those of these fields that the body has: counting endpoints refuse the others. */
export function fieldsOf(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]]])));
}
