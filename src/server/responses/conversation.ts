/** Requests of the Responses API that go on from something said before: written out, so that any provider can answer them. */

import type { ClientRequest } from '../../gateway/answer.ts';
import { scanEnvelope } from '../../gateway/body-scan.ts';
import { isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import type { ProtocolError } from '../../protocols/model.ts';
import { inputItems } from './response-store.ts';

/** Where earlier turns are looked for. */
export interface Memory {
  conversation(id: string): JsonObject[] | undefined;
  /** Whether the provider may have kept the answer too. */
  native(id: string): boolean;
  item(id: string): JsonObject | undefined;
}

/** A request that needs nothing but itself, or why there is none. */
export type Continued =
  | {
      ok: true;
      request: ClientRequest;
      /** The answer that it goes on from. */
      previous: string | undefined;
      keep: boolean;
      /** What the client sent itself. */
      input: () => JsonObject[];
    }
  | { ok: false; error: ProtocolError };

/** How much the provider can be relied on to know what the request refers to. */
export interface UpstreamMemory {
  /** A provider that may answer keeps answers, perhaps one that we do not know of. */
  some: boolean;
  /** Every provider that may answer does: what is theirs goes through untouched. */
  every: boolean;
}

/** The words of a body that speak of what is not in it, and of whether the answer is to be kept. */
const tells = ['"previous_response_id"', '"item_reference"', '"store"'];

/**
 * Writes out what the request refers to, unless the provider knows it: then the bytes are the client's own. Ids that we do
 * not know go through to a provider that may. Items lose ids that belong to the account they came from.
 */
export function continueConversation(
  request: ClientRequest,
  memory: Memory,
  upstream: () => UpstreamMemory,
): Continued {
  const { body } = request;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const parsed = () => parseJson(bytes.toString('utf8'));
  if (!tells.some((word) => bytes.includes(word))) {
    const input = (): JsonObject[] => {
      const value = parsed();
      return isObject(value) ? inputItems(value.input) : [];
    };
    return { ok: true, request, previous: undefined, keep: true, input };
  }
  const asked = parsed();
  // What is not JSON is the gateway's to refuse.
  if (!isObject(asked)) return { ok: true, request, previous: undefined, keep: false, input: () => [] };
  const keep = asked.store !== false;
  const own = inputItems(asked.input);
  const id = typeof asked.previous_response_id === 'string' ? asked.previous_response_id : undefined;
  const references = own.some((item) => item.type === 'item_reference');
  if (id === undefined && !references)
    return { ok: true, request, previous: undefined, keep, input: () => own };

  const { some, every } = upstream();
  const untouched = { ok: true, request, previous: id, keep, input: () => own } as const;
  if (every && (id === undefined || memory.native(id))) return untouched;
  const earlier = id === undefined ? [] : memory.conversation(id);
  if (earlier === undefined) return some ? untouched : { ok: false, error: previousUnknown(id ?? '') };
  const named = resolveReferences(own, memory);
  const { previous_response_id: _written, ...rest } = asked;
  const written = new TextEncoder().encode(
    JSON.stringify({ ...rest, input: [...earlier.flatMap(forReplay), ...named] }),
  );
  return {
    ok: true,
    request: { ...request, body: written, modelSpan: scanEnvelope(written)?.modelSpan },
    previous: id,
    keep,
    input: () => named,
  };
}

/** The items with the references that we know replaced by what they stand for. */
function resolveReferences(items: JsonObject[], memory: Memory): JsonObject[] {
  return items.flatMap((item) => {
    const named = item.type === 'item_reference' && typeof item.id === 'string';
    const found = named ? memory.item(String(item.id)) : undefined;
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
