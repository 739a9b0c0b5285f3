/** The start of a request's conversation, read from its bytes: of a long prompt only the beginning is parsed. */
import { isSystemTurn, namingMembers, systemMembers, turnMembers } from '../credentials/session-key.ts';
import { openBracket } from '../protocols/ascii.ts';
import { type Json, type JsonObject, parseJson } from '../protocols/json.ts';
import { eachMember, keyOf, valueEnd, walkElements } from '../protocols/json-span.ts';

/** The members that `sessionKey` looks at; of those with messages no more than up to the first that is no system prompt. */
const names: ReadonlySet<string> = new Set<string>([...namingMembers, ...systemMembers]);
const messageNames: ReadonlySet<string> = new Set<string>(turnMembers);
const longestName = Math.max(...[...names, ...messageNames].map((name) => name.length));

/** The request as far as `sessionKey` reads it, of one that is long; empty for what is no object. */
export function conversationStart(body: Uint8Array): JsonObject {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const start: JsonObject = {};
  const valueIn = (from: number, to: number): Json => parseJson(bytes.toString('utf8', from, to)) ?? null;

  function firstMessages(from: number): Json[] {
    const messages: Json[] = [];
    walkElements(bytes, from, (at) => {
      const end = valueEnd(bytes, at);
      const message = end < 0 ? null : valueIn(at, end);
      messages.push(message);
      return isSystemTurn(message) ? end : -1;
    });
    return messages;
  }

  eachMember(bytes, 0, (keyStart, keyEnd, from, to) => {
    const name = keyOf(bytes, keyStart, keyEnd, longestName) ?? '';
    if (messageNames.has(name) && bytes[from] === openBracket) start[name] = firstMessages(from);
    else if (names.has(name) || messageNames.has(name)) start[name] = valueIn(from, to);
  });
  return start;
}
