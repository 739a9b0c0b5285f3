/** What a request says of the conversation that it belongs to, read from its bytes: of a long prompt only the beginning is parsed. */
import { type Json, type JsonObject, parseJson } from '../protocols/json.ts';
import { openBracket } from '../protocols/json-characters.ts';
import { eachMember, stringValue, valueEnd, walkElements } from '../protocols/json-span.ts';

/** The members that `sessionKey` looks at; of those with messages no more than up to the first that is no system prompt. */
const names: ReadonlySet<string> = new Set([
  ...['session_id', 'sessionId', 'prompt_cache_key', 'conversation', 'conversation_id', 'metadata'],
  ...['system', 'instructions', 'systemInstruction', 'system_instruction'],
]);
const messageNames: ReadonlySet<string> = new Set(['messages', 'contents', 'input']);
const longestName = 32;

/** The request as far as `sessionKey` reads it; empty for what is no object. */
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
      return isSystem(message) ? end : -1;
    });
    return messages;
  }

  eachMember(bytes, 0, (keyStart, keyEnd, from, to) => {
    const name = keyEnd - keyStart > longestName ? '' : (stringValue(bytes, keyStart, keyEnd) ?? '');
    if (messageNames.has(name) && bytes[from] === openBracket) start[name] = firstMessages(from);
    else if (names.has(name) || messageNames.has(name)) start[name] = valueIn(from, to);
  });
  return start;
}

function isSystem(message: Json): boolean {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return false;
  return message.role === 'system' || message.role === 'developer';
}
