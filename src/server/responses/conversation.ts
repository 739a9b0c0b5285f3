/** Requests of the Responses API that go on from something said before: written out, so that any provider can answer them. */

import type { Candidate } from '../../credentials/catalog.ts';
import type { ClientRequest } from '../../gateway/answer.ts';
import { scanEnvelope } from '../../gateway/body-scan.ts';
import { withEachOnce } from '../../gateway/doubled-members.ts';
import { parsedYielding } from '../../gateway/json-body.ts';
import { yieldFor } from '../../gateway/yield-for.ts';
import { isObject, type Json, type JsonObject } from '../../protocols/json.ts';
import { asObject, asObjects, asString } from '../../protocols/json-members.ts';
import { patchedJson } from '../../protocols/json-patch.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import { namedIds } from '../owned-ids.ts';
import type { Kept } from './response-store.ts';
import { inputItems, inputOfBody, inputOfItems, type SaidInput } from './said-input.ts';

/** Where earlier turns are looked for. */
export interface ConversationStore {
  conversation(id: string): Promise<Kept<JsonObject[]> | undefined>;
  /** Whether the answer is there, with all that it goes on from. */
  knows(id: string): boolean;
  /** Whether the provider may have kept the answer too. */
  native(id: string): boolean;
  items(ids: readonly string[]): Promise<Kept<ReadonlyMap<string, JsonObject>>>;
  /** Whether the id was given to other clients and never to this one; absent where there are no others. */
  isForeign?(id: string): boolean;
}

/** A request that needs nothing but itself, or why there is none. */
export type Continued =
  | {
      ok: true;
      request: ClientRequest;
      /** The answer, or the provider's conversation, that it goes on from. */
      previous: string | undefined;
      /** False where the client said `store: false`. */
      keep: boolean;
      /** What the client sent itself. */
      input: SaidInput;
    }
  | { ok: false; error: ProtocolError };

/** How much the provider can be relied on to know what the request refers to. */
export interface UpstreamStorage {
  /** A provider that may answer keeps answers, perhaps one that we do not know of. */
  some: boolean;
  /** Every provider that may answer does: what is theirs goes through untouched. */
  every: boolean;
}

/** The words of a body that speak of what is not in it, and of whether the answer is to be kept. */
const referenceWords = [
  '"previous_response_id"',
  '"item_reference"',
  '"conversation"',
  '"background"',
  '"store"',
];

/**
 * Writes out what the request refers to, unless the provider knows it: then the bytes are the client's own. What we do not
 * know goes through to the providers that may. Items lose ids that belong to the account they came from. A long request is read and
 * written in turns.
 */
export async function continueConversation(
  given: ClientRequest,
  memory: ConversationStore,
  upstream: () => UpstreamStorage,
): Promise<Continued> {
  let request = given;
  const { body } = request;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const isForeign = memory.isForeign?.bind(memory);
  const input = inputOfBody(body);
  if (!referenceWords.some((word) => bytes.includes(word)) && !(isForeign && mayNameIds(bytes)))
    return { ok: true, request, previous: undefined, keep: true, input };
  const asked = await parsedBody(bytes);
  // What is not JSON is the gateway's to refuse.
  if (!isObject(asked)) return { ok: true, request, previous: undefined, keep: false, input };
  // What is looked at must be what a provider finds.
  if (isForeign !== undefined) request = await withEachOnce(request, asked);
  const keep = asked.store !== false;
  const own = inputItems(asked.input);
  const id = asString(asked.previous_response_id);
  const theirs = conversationId(asked);
  const foreign = isForeign === undefined ? undefined : foreignId(asked, own, isForeign);
  if (foreign !== undefined) return { ok: false, error: foreign };
  const references = own.some(isReference);
  const alone = { ok: true, request, previous: id, keep, input } as const;
  const background = asked.background === true;
  if (id === undefined && theirs === undefined && !references && !background) return alone;

  const { some, every } = upstream();
  // Where nobody answers in the background the answer comes at once, as a completed one: who asks again sees no difference.
  if (background && some && !every) return continueConversation(forKeepers(request), memory, onlyKeepers);
  if (id === undefined && theirs === undefined && !references) return alone;
  const toKeepers = () => ({ ...alone, request: every ? request : forKeepers(request) });
  if (theirs !== undefined) {
    if (!some) return { ok: false, error: noConversations };
    // What was said in it is not known here, so that an answer in it can be gone on from only there.
    return { ...toKeepers(), previous: theirs };
  }
  if (every && (id === undefined || memory.native(id))) return alone;
  const earlier = id === undefined ? [] : await memory.conversation(id);
  if (earlier === undefined) return some ? toKeepers() : { ok: false, error: previousUnknown(id ?? '') };
  const repeated = repeatedReference(own);
  if (repeated !== undefined) return { ok: false, error: repeated };
  const named = references ? await resolveReferences(own, memory) : own;
  if (earlier === 'too-long' || named === 'too-long') return { ok: false, error: tooMuchBefore };
  const unknown = named.find(isReference);
  if (unknown !== undefined)
    return some ? toKeepers() : { ok: false, error: itemUnknown(asString(unknown.id) ?? '') };
  const { previous_response_id: _written, ...rest } = asked;
  await yieldFor(body.length);
  // Wherever it goes, what the client has written stays as it is.
  const written = patchedJson(request.body, asked, {
    ...rest,
    input: [...earlier.flatMap(forReplay), ...named],
  });
  await yieldFor(written.length);
  return {
    ok: true,
    request: { ...request, body: written, modelSpan: scanEnvelope(written)?.modelSpan },
    previous: id,
    keep,
    input: references ? inputOfItems(named) : input,
  };
}

function parsedBody(bytes: Buffer): Promise<Json | undefined> {
  return parsedYielding(bytes.toString('utf8'));
}

/** An ASCII character in JSON may be written so that a search for the word that it stands in finds nothing. */
const escapedLetter = /\\u00[2-7]/;

const namingWords = [
  ...['"id"', '"container"', '"file_id', '"vector_store_ids"'],
  ...['"comparison_response_id"', '"approval_request_id"'],
];

/** Whether the body may name anything by an id, as far as a search over its bytes can say no. */
function mayNameIds(bytes: Buffer): boolean {
  if (namingWords.some((word) => bytes.includes(word))) return true;
  return bytes.includes('\\u00') && escapedLetter.test(bytes.toString('latin1'));
}

/** Ids by which a request names what was there before: answers, items, what providers have made. */
export async function earlierIds({ body }: Pick<ClientRequest, 'body'>): Promise<string[]> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!referenceWords.some((word) => bytes.includes(word)) && !mayNameIds(bytes)) return [];
  const asked = await parsedBody(bytes);
  if (!isObject(asked)) return [];
  const items = inputItems(asked.input)
    .filter(isReference)
    .map(({ id }) => asString(id));
  const ids = [asString(asked.previous_response_id), conversationId(asked), ...items, ...namedIds(asked)];
  return [...new Set(ids.filter((id) => id !== undefined))].slice(0, mostNamed);
}

/** The same for operations that are not continued here: what they name goes through, unless it is another client's. */
export async function ownRequest(
  request: ClientRequest,
  memory: ConversationStore,
): Promise<{ ok: true; request: ClientRequest } | { ok: false; error: ProtocolError }> {
  const { body } = request;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const isForeign = memory.isForeign?.bind(memory);
  if (isForeign === undefined || (!referenceWords.some((word) => bytes.includes(word)) && !mayNameIds(bytes)))
    return { ok: true, request };
  const asked = await parsedBody(bytes);
  if (!isObject(asked)) return { ok: true, request };
  const error = foreignId(asked, inputItems(asked.input), isForeign);
  return error === undefined
    ? { ok: true, request: await withEachOnce(request, asked) }
    : { ok: false, error };
}

/**
 * Why the request is refused that names what another client's requests have made: a provider knows the account alone, and
 * would give it to anybody who asks through it.
 */
function foreignId(
  asked: JsonObject,
  input: readonly JsonObject[],
  isForeign: (id: string) => boolean,
): ProtocolError | undefined {
  const previous = asString(asked.previous_response_id);
  if (previous !== undefined && isForeign(previous)) return previousUnknown(previous);
  const conversation = conversationId(asked);
  if (conversation !== undefined && isForeign(conversation)) return notFound('conversation', conversation);
  const seen = new Set<string>();
  for (const item of input)
    for (const id of [referredId(item), asString(item.container_id)]) {
      if (id === undefined || seen.has(id)) continue;
      if (seen.size === mostNamed) return tooManyNamed;
      seen.add(id);
      if (isForeign(id)) return itemUnknown(id);
    }
  for (const { container } of asObjects(asked.tools)) {
    const id = asString(container);
    if (id !== undefined && isForeign(id)) return notFound('container', id);
  }
  const other = namedIds(asked).find(isForeign);
  if (other !== undefined) return notFound('input', other);
  return undefined;
}

/** The id of an item that stands for what the provider has; items that bring their content themselves need nothing of it. */
function referredId(item: JsonObject): string | undefined {
  return bringsContent(item) ? undefined : asString(item.id);
}

/** What of an item says nothing of its content. */
const framing: ReadonlySet<string> = new Set(['id', 'type', 'status']);

function bringsContent(item: JsonObject): boolean {
  switch (item.type) {
    case 'reasoning':
      return typeof item.encrypted_content === 'string' && item.encrypted_content !== '';
    // An earlier picture is gone on from by its id alone (platform.openai.com/docs/guides/image-generation, "multi-turn").
    case 'image_generation_call':
      return typeof item.result === 'string' && item.result !== '';
    default:
      return !isReference(item) && Object.keys(item).some((name) => !framing.has(name));
  }
}

function notFound(what: string, id: string): ProtocolError {
  return {
    status: 404,
    kind: 'not-found',
    message: `${what}: '${id.slice(0, 80)}' not found.`,
    param: what,
  };
}

/** The conversation that the provider keeps, by its id; not our own chain of answers. */
function conversationId({ conversation }: JsonObject): string | undefined {
  return asString(conversation) ?? asString(asObject(conversation)?.id);
}

/** Without a type, an id alone is a reference, too: openai/resources/responses, `ItemReference`. */
function isReference(item: JsonObject): boolean {
  return item.type === 'item_reference' || (item.type == null && item.role === undefined && 'id' in item);
}

export function keepsResponses({ credential }: Candidate): boolean {
  return credential.provider.keepsResponses === true;
}

const onlyKeepers = (): UpstreamStorage => ({ some: true, every: true });

/** The request for those alone who may know what it refers to: others would answer without it. */
function forKeepers(request: ClientRequest): ClientRequest {
  const { mayUse } = request;
  return {
    ...request,
    mayUse: (candidate) => keepsResponses(candidate) && (mayUse === undefined || mayUse(candidate)),
  };
}

/**
 * Why references are not written out: each of them is looked up, and brings as much as its item has. OpenAI refuses one
 * item twice in the same words.
 */
function repeatedReference(items: readonly JsonObject[]): ProtocolError | undefined {
  const seen = new Set<string>();
  for (const item of items) {
    const id = isReference(item) ? asString(item.id) : undefined;
    if (id === undefined) continue;
    if (seen.has(id)) return itemRepeated(id);
    if (seen.size === mostNamed) return tooManyNamed;
    seen.add(id);
  }
  return undefined;
}

/** The items with the references that we know replaced by what they stand for. */
async function resolveReferences(
  items: JsonObject[],
  memory: ConversationStore,
): Promise<Kept<JsonObject[]>> {
  const nameIn = (item: JsonObject): string | undefined =>
    isReference(item) ? asString(item.id) : undefined;
  const known = await memory.items(items.map(nameIn).filter((id) => id !== undefined));
  if (known === 'too-long') return known;
  return items.flatMap((item) => {
    const found = known.get(nameIn(item) ?? '');
    return found === undefined ? [item] : forReplay(found);
  });
}

/**
 * An earlier item as new input. Ids of messages and calls are known only to the account that gave them; reasoning without
 * its encrypted content says nothing to anybody else.
 */
function forReplay(item: JsonObject): JsonObject[] {
  if (item.type === 'reasoning') return typeof item.encrypted_content === 'string' ? [item] : [];
  const { id: _id, status: _status, ...rest } = item;
  return [rest];
}

function previousUnknown(id: string): ProtocolError {
  return {
    status: 400,
    kind: 'invalid-request',
    message: `Previous response with id '${id.slice(0, 80)}' not found. It was not stored, is too old, or belongs to another key: send the whole conversation as input.`,
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  };
}

function itemUnknown(id: string): ProtocolError {
  return {
    status: 400,
    kind: 'invalid-request',
    message: `Item with id '${id.slice(0, 80)}' not found. Its answer was not stored, is too old, or belongs to another key: send the item itself.`,
    param: 'input',
  };
}

function itemRepeated(id: string): ProtocolError {
  return {
    status: 400,
    kind: 'invalid-request',
    message: `Duplicate item found with id ${id.slice(0, 80)}. Remove duplicate items from your input and try again.`,
    param: 'input',
  };
}

/** Far more than the longest conversations of agents have; looking one up takes tens of microseconds. */
const mostNamed = 4096;

const tooManyNamed: ProtocolError = {
  status: 400,
  kind: 'invalid-request',
  message: `input: more than ${mostNamed} items are named by an id. Use previous_response_id, or send the items themselves.`,
  param: 'input',
};

const tooMuchBefore: ProtocolError = {
  status: 413,
  kind: 'too-large',
  message:
    'input: what it goes on from is longer than a request may be (bounds.unpacked-request). Send what is still needed of it.',
  param: 'input',
};

const noConversations: ProtocolError = {
  status: 400,
  kind: 'invalid-request',
  message:
    'conversation: no provider that serves this model keeps conversations. Use previous_response_id, or send the whole conversation as input.',
  param: 'conversation',
  code: 'unsupported_parameter',
};
