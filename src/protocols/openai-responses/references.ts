/** What a request refers to that is not in it: earlier answers, items, conversations, containers. */

import { openBrace, openBracket, quote } from '../ascii.ts';
import type { References } from '../conversation-state.ts';
import type { JsonObject } from '../json.ts';
import { asObject, asObjects, asString } from '../json-members.ts';
import { eachMember, keyOf, type Span } from '../json-span.ts';
import { requestMembers } from './request-members.ts';

/** The words of a body that speak of what is not in it, and of whether the answer is to be kept. */
const referenceWords = [
  '"previous_response_id"',
  '"item_reference"',
  '"conversation"',
  '"background"',
  '"store"',
];

export function mayRefer(body: Buffer): boolean {
  return referenceWords.some((word) => body.includes(word));
}

/** An ASCII character in JSON may be escaped so that a search for its word finds nothing. */
const escapedLetter = /\\u00[2-7]/;

const named = requestMembers.owned?.named ?? [];
/** One search finds all names that begin alike. */
const namingWords = [
  '"id"',
  ...named
    .filter((name) => !named.some((other) => other !== name && name.startsWith(other)))
    .map((name) => `"${name}`),
];

export function mayNameIds(body: Buffer): boolean {
  if (namingWords.some((word) => body.includes(word))) return true;
  return body.includes('\\u00') && escapedLetter.test(body.toString('latin1'));
}

export function references(body: JsonObject): References {
  const { store, background, previous_response_id, conversation, tools, input } = body;
  return {
    keep: store !== false,
    background: background === true,
    previous: asString(previous_response_id),
    conversation: asString(conversation) ?? asString(asObject(conversation)?.id),
    containers: asObjects(tools).flatMap(({ container }) => asString(container) ?? []),
    input: inputItems(input),
  };
}

/** The `input` of a request as a list of items: a text is the user's message. */
export function inputItems(input: JsonObject['input']): JsonObject[] {
  const text = asString(input);
  return text === undefined ? asObjects(input) : [{ role: 'user', content: text }];
}

/** The same in the bytes of the request. */
export function inputJson(body: Buffer): string {
  let input: Span | undefined;
  eachMember(body, 0, (keyStart, keyEnd, start, end) => {
    if (keyOf(body, keyStart, keyEnd, 'input'.length) === 'input') input = { start, end };
  });
  if (input === undefined) return '[]';
  const text = body.toString('utf8', input.start, input.end);
  switch (body[input.start]) {
    case openBracket:
      return text;
    case openBrace:
      return `[${text}]`;
    case quote:
      return `[{"role":"user","content":${text}}]`;
    default:
      return '[]';
  }
}

/** Without a type, an id alone is a reference, too: openai/resources/responses, `ItemReference`. */
export function isReference(item: JsonObject): boolean {
  return item.type === 'item_reference' || (item.type == null && item.role === undefined && 'id' in item);
}

/** The id of an item that refers to one the provider has, and that of a container; items with their content need nothing of the former. */
export function namedBy(item: JsonObject): string[] {
  const id = hasContent(item) ? undefined : asString(item.id);
  return [id, asString(item.container_id)].filter((one) => one !== undefined);
}

/** Members of an item that are no content. */
const framing: ReadonlySet<string> = new Set(['id', 'type', 'status']);

function hasContent(item: JsonObject): boolean {
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

/**
 * An earlier item as new input. Ids of messages and calls are known only to the account that gave them; reasoning without
 * its encrypted content is of no use to any other.
 */
export function asInput(item: JsonObject): JsonObject[] {
  if (item.type === 'reasoning') return typeof item.encrypted_content === 'string' ? [item] : [];
  const { id: _id, status: _status, ...rest } = item;
  return [rest];
}

/** The request with this input in the place of what it refers to. */
export function written(
  { previous_response_id: _written, ...rest }: JsonObject,
  input: JsonObject[],
): JsonObject {
  return { ...rest, input };
}

export function itemsOf({ output }: JsonObject): JsonObject[] {
  return asObjects(output);
}

export function idsIn(response: JsonObject): string[] {
  return itemsOf(response).flatMap(({ id, container_id }) =>
    [asString(id), asString(container_id)].filter((one) => one !== undefined),
  );
}
