/** Which conversation a request belongs to, from what real clients send. Pure. */
import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject, parseJson } from '../protocols/json.ts';
import { asArray, asObject, asString } from '../protocols/json-members.ts';

/** Claude Code, Codex, opencode, and what others took over from them; the first that is there counts. */
const sessionHeaders = [
  'x-claude-code-session-id',
  'session-id',
  'session_id',
  'x-session-id',
  'x-session-affinity',
  'thread-id',
  'conversation-id',
  'conversation_id',
] as const;

/** Members of a body that name the conversation; the first that does counts. */
export const namingMembers = [
  'session_id',
  'sessionId',
  'prompt_cache_key',
  'conversation',
  'conversation_id',
  'metadata',
] as const;
/** Members with the system prompt, and members with the conversation; the first present one counts. */
export const systemMembers = ['system', 'instructions', 'systemInstruction', 'system_instruction'] as const;
export const turnMembers = ['messages', 'contents', 'input'] as const;

/**
 * A name of the conversation that stays the same from turn to turn, or undefined for a body without any content.
 * Headers come first, then the fields of the body, then a digest of what every turn begins with: the system prompt and
 * the first message. `body` is asked for only when no header names the conversation.
 */
export function sessionKey(headers: Headers, body: () => JsonObject): string | undefined {
  const inHeaders = namedSession(headers, undefined);
  if (inHeaders !== undefined) return inHeaders;
  const json = body();
  const named = sessionInBody(json);
  if (named !== undefined) return short(named);
  const beginning = beginningOf(json);
  return beginning === '' ? undefined : `begins:${digest(beginning)}`;
}

/** The name that the client itself gives the conversation: in headers, and in the body where that has been read. */
export function namedSession(headers: Headers, body: JsonObject | undefined): string | undefined {
  for (const name of sessionHeaders) {
    const value = headers.get(name);
    if (value !== null && value !== '') return short(value);
  }
  const named = body && sessionInBody(body);
  return named === undefined ? undefined : short(named);
}

function sessionInBody(body: JsonObject): string | undefined {
  return namingMembers
    .flatMap((member) => namesIn(member, body[member]))
    .map((name) => asString(name))
    .find((text) => text !== undefined && text !== '');
}

function namesIn(member: (typeof namingMembers)[number], value: Json | undefined): (Json | undefined)[] {
  switch (member) {
    case 'conversation':
      return [isObject(value) ? value.id : value];
    case 'metadata': {
      const metadata = asObject(value);
      return [metadata?.session_id, sessionOfUser(asString(metadata?.user_id))];
    }
    default:
      return [value];
  }
}

/** Characters of a name in which a session is looked for: far above Claude Code's. */
const longestUser = 4096;

/** Claude Code's `metadata.user_id`: JSON with a `session_id`, in earlier versions `user_…_account_…_session_<uuid>`. */
function sessionOfUser(user: string | undefined): string | undefined {
  if (user === undefined || user.length > longestUser) return undefined;
  if (user.startsWith('{')) {
    const value = parseJson(user);
    return isObject(value) ? asString(value.session_id) : undefined;
  }
  return /_session_([0-9a-f-]{8,})$/i.exec(user)?.[1];
}

/** Characters of the system prompt and of the first message that make a conversation recognisable. */
const longestBeginning = 4096;

function beginningOf(body: JsonObject): string {
  const system = firstOf(body, systemMembers);
  const turns = firstOf(body, turnMembers);
  if (typeof turns === 'string') return `${textOf(system)}\n${turns.slice(0, longestBeginning)}`;
  const parts = [textOf(system)];
  for (const turn of asArray(turns)) {
    const { content, parts: geminiParts } = asObject(turn) ?? {};
    parts.push(textOf(content ?? geminiParts));
    if (!isSystemTurn(turn)) break;
  }
  const text = parts.join('\n');
  return text.trim() === '' ? '' : text;
}

/** System prompts of OpenAI's protocols are among the messages; the first other one ends the beginning. */
export function isSystemTurn(turn: Json): boolean {
  const role = asObject(turn)?.role;
  return role === 'system' || role === 'developer';
}

function firstOf(body: JsonObject, members: readonly string[]): Json | undefined {
  for (const member of members) {
    const value = body[member];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** The text of a message or prompt, without the cache marks that clients move from turn to turn. */
function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value.slice(0, longestBeginning);
  let text = '';
  for (const part of Array.isArray(value) ? value : asArray(asObject(value)?.parts)) {
    text += typeof part === 'string' ? part : (asString(asObject(part)?.text) ?? '');
    if (text.length >= longestBeginning) break;
  }
  return text.slice(0, longestBeginning);
}

function short(value: string): string {
  return value.length <= 128 ? value : digest(value);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
