/** Requests that go on from an earlier part of a conversation: written out, so that any provider can answer them. */

import type { Candidate } from '../../credentials/catalog.ts';
import type { ClientRequest } from '../../gateway/answer.ts';
import { scanEnvelope } from '../../gateway/body-scan.ts';
import { withEachOnce } from '../../gateway/doubled-members.ts';
import { parsedYielding } from '../../gateway/json-body.ts';
import { yieldFor } from '../../gateway/yield-for.ts';
import { runYielding } from '../../ground/steps.ts';
import type { References } from '../../protocols/conversation-state.ts';
import { isObject, type Json, type JsonObject } from '../../protocols/json.ts';
import { asString } from '../../protocols/json-members.ts';
import { patchingJson } from '../../protocols/json-patch.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import { namedIds } from '../owned-ids.ts';
import { type InputItems, inputOfBody, inputOfItems } from './input-items.ts';
import { state } from './protocol.ts';
import type { Kept } from './stored-response.ts';

const { itemRepeated, itemUnknown, noConversations, notFound, previousUnknown, tooManyNamed, tooMuchBefore } =
  state.refusals;

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
      /** False for `store: false` of the client. */
      keep: boolean;
      /** What the client sent itself. */
      input: InputItems;
    }
  | { ok: false; error: ProtocolError };

/** How much the provider can be relied on to know what the request refers to. */
export interface UpstreamStorage {
  /** A provider that may answer keeps answers, perhaps one that we do not know of. */
  some: boolean;
  /** Every provider that may answer does: what is theirs goes through untouched. */
  every: boolean;
}

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
  if (!state.mayRefer(bytes) && !(isForeign && state.mayNameIds(bytes)))
    return { ok: true, request, previous: undefined, keep: true, input };
  const asked = await parsedBody(bytes);
  // What is not JSON is the gateway's to refuse.
  if (!isObject(asked)) return { ok: true, request, previous: undefined, keep: false, input };
  // What is looked at must be what a provider finds.
  if (isForeign !== undefined) request = await withEachOnce(request, asked);
  const named = state.references(asked);
  const { keep, background, previous: id, conversation: theirs, input: own } = named;
  const foreign = isForeign === undefined ? undefined : foreignId(asked, named, isForeign);
  if (foreign !== undefined) return { ok: false, error: foreign };
  const references = own.some(state.isReference);
  const alone = { ok: true, request, previous: id, keep, input } as const;
  if (id === undefined && theirs === undefined && !references && !background) return alone;

  const { some, every } = upstream();
  // Without background processing the answer comes at once, as a completed one: a client that polls sees no difference.
  if (background && some && !every) return continueConversation(forKeepers(request), memory, onlyKeepers);
  if (id === undefined && theirs === undefined && !references) return alone;
  const toKeepers = () => ({ ...alone, request: every ? request : forKeepers(request) });
  if (theirs !== undefined) {
    if (!some) return { ok: false, error: noConversations };
    // Its contents are not known here, so that an answer in it can be continued only there.
    return { ...toKeepers(), previous: theirs };
  }
  if (every && (id === undefined || memory.native(id))) return alone;
  const earlier = id === undefined ? [] : await memory.conversation(id);
  if (earlier === undefined) return some ? toKeepers() : { ok: false, error: previousUnknown(id ?? '') };
  const repeated = repeatedReference(own);
  if (repeated !== undefined) return { ok: false, error: repeated };
  const items = references ? await resolveReferences(own, memory) : own;
  if (earlier === 'too-long' || items === 'too-long') return { ok: false, error: tooMuchBefore };
  const unknown = items.find(state.isReference);
  if (unknown !== undefined)
    return some ? toKeepers() : { ok: false, error: itemUnknown(asString(unknown.id) ?? '') };
  await yieldFor(body.length);
  // Wherever it goes, what the client has written stays as it is. What was said before may be long, however short the request is.
  const wanted = state.written(asked, [...earlier.flatMap(state.asInput), ...items]);
  const written = await runYielding(patchingJson(request.body, asked, wanted));
  await yieldFor(written.length);
  return {
    ok: true,
    request: { ...request, body: written, modelSpan: scanEnvelope(written)?.modelSpan },
    previous: id,
    keep,
    input: references ? inputOfItems(items) : input,
  };
}

function parsedBody(bytes: Buffer): Promise<Json | undefined> {
  return parsedYielding(bytes.toString('utf8'));
}

/** Ids by which a request names what was there before: answers, items, what providers have made. */
export async function earlierIds({ body }: Pick<ClientRequest, 'body'>): Promise<string[]> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!state.mayRefer(bytes) && !state.mayNameIds(bytes)) return [];
  const asked = await parsedBody(bytes);
  if (!isObject(asked)) return [];
  const { previous, conversation, input } = state.references(asked);
  const items = input.filter(state.isReference).map(({ id }) => asString(id));
  const others = namedIds(asked);
  const ids = [previous, conversation, ...items, ...(others === 'too-many' ? [] : others)];
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
  if (isForeign === undefined || (!state.mayRefer(bytes) && !state.mayNameIds(bytes)))
    return { ok: true, request };
  const asked = await parsedBody(bytes);
  if (!isObject(asked)) return { ok: true, request };
  const error = foreignId(asked, state.references(asked), isForeign);
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
  { previous, conversation, containers, input }: References,
  isForeign: (id: string) => boolean,
): ProtocolError | undefined {
  if (previous !== undefined && isForeign(previous)) return previousUnknown(previous);
  if (conversation !== undefined && isForeign(conversation)) return notFound('conversation', conversation);
  const seen = new Set<string>();
  for (const item of input)
    for (const id of state.namedBy(item)) {
      if (seen.has(id)) continue;
      if (seen.size === mostNamed) return tooManyNamed(mostNamed);
      seen.add(id);
      if (isForeign(id)) return itemUnknown(id);
    }
  const container = containers.find(isForeign);
  if (container !== undefined) return notFound('container', container);
  const others = namedIds(asked);
  if (others === 'too-many') return tooManyNamed(mostNamed);
  const other = others.find(isForeign);
  return other === undefined ? undefined : notFound('other', other);
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

/** Why references are not written out: each of them is looked up, and brings as much as its item has. */
function repeatedReference(items: readonly JsonObject[]): ProtocolError | undefined {
  const seen = new Set<string>();
  for (const item of items) {
    const id = state.isReference(item) ? asString(item.id) : undefined;
    if (id === undefined) continue;
    if (seen.has(id)) return itemRepeated(id);
    if (seen.size === mostNamed) return tooManyNamed(mostNamed);
    seen.add(id);
  }
  return undefined;
}

/** The items, with known references replaced by the items they refer to. */
async function resolveReferences(
  items: JsonObject[],
  memory: ConversationStore,
): Promise<Kept<JsonObject[]>> {
  const nameIn = (item: JsonObject): string | undefined =>
    state.isReference(item) ? asString(item.id) : undefined;
  const known = await memory.items(items.map(nameIn).filter((id) => id !== undefined));
  if (known === 'too-long') return known;
  return items.flatMap((item) => {
    const found = known.get(nameIn(item) ?? '');
    return found === undefined ? [item] : state.asInput(found);
  });
}

/** Far more than the longest conversations of agents have; looking one up takes tens of microseconds. */
const mostNamed = 4096;
