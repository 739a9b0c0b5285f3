/** The rules of a Messages conversation that go beyond one field: roles, calls with their results, thinking. */
import type { Json, JsonObject } from '../json.ts';
import { asArray, asObject, asObjects, asString } from '../json-members.ts';
import { digest, unseal } from '../seal.ts';
import { fault } from './errors.ts';

export interface Message {
  role: string;
  blocks: JsonObject[];
  /** Where it stands in the request. */
  index: number;
}

/** The messages with their contents as blocks. */
export function messagesOf(body: JsonObject): Message[] {
  return asObjects(body.messages).map((message, index) => ({
    role: asString(message.role) ?? '',
    blocks: blocksOf(message.content),
    index,
  }));
}

export function blocksOf(content: Json | undefined): JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : asObjects(content);
}

/** Throws `Refused` for a conversation that api.anthropic.com would not go on with. */
export function demandConversation(body: JsonObject, messages: readonly Message[]): void {
  demandContent(messages);
  demandResults(messages);
  demandThinking(body, messages);
  demandCacheMarkers(body, messages);
}

function demandContent(messages: readonly Message[]): void {
  for (const [i, message] of messages.entries()) {
    const last = i === messages.length - 1;
    const path = `messages.${message.index}`;
    if (message.blocks.length === 0 && !(last && message.role === 'assistant'))
      throw fault(path, 'the content must not be empty');
    for (const [j, block] of message.blocks.entries()) {
      if (block.type === 'text' && !/\S/.test(asString(block.text) ?? ''))
        throw fault(`${path}.content.${j}.text`, 'text that is not only white space is expected');
      if (message.role !== 'user' && userOnly.has(asString(block.type) ?? ''))
        throw fault(`${path}.content.${j}`, `a ${block.type} block belongs to the user`);
      if (message.role !== 'assistant' && assistantOnly.has(asString(block.type) ?? ''))
        throw fault(`${path}.content.${j}`, `a ${block.type} block belongs to the assistant`);
    }
    const end = asString(message.blocks.at(-1)?.text);
    if (last && message.role === 'assistant' && end !== undefined && /\s$/.test(end))
      throw fault(path, 'the final assistant content must not end with white space');
  }
}

const userOnly = new Set(['image', 'document', 'search_result', 'tool_result', 'container_upload']);
const assistantOnly = new Set(['tool_use', 'thinking', 'redacted_thinking', 'server_tool_use']);

/** Turns of one role in a row count as one message. */
function joined(messages: readonly Message[]): Message[] {
  const turns: Message[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const before = turns.at(-1);
    if (before?.role === message.role) before.blocks = [...before.blocks, ...message.blocks];
    else turns.push({ ...message });
  }
  return turns;
}

function demandResults(messages: readonly Message[]): void {
  const turns = joined(messages);
  const seen = new Set<string>();
  for (const [i, turn] of turns.entries()) {
    const called = idsOf(turns[i - 1]?.role === 'assistant' ? turns[i - 1] : undefined, 'tool_use', 'id');
    const results = idsOf(turn, 'tool_result', 'tool_use_id');
    const path = `messages.${turn.index}`;
    for (const [j, id] of results.entries()) {
      if (!called.includes(id))
        throw fault(`${path}.content`, `the tool_result '${id}' has no tool_use in the message before`);
      if (results.indexOf(id) !== j) throw fault(`${path}.content`, `there are two tool_results for '${id}'`);
    }
    const open = called.filter((id) => !results.includes(id));
    if (open.length > 0)
      throw fault(path, `the tool_use ids ${open.join(', ')} have no tool_result right after them`);
    const firstOther = turn.blocks.findIndex((block) => block.type !== 'tool_result');
    const lastResult = turn.blocks.findLastIndex((block) => block.type === 'tool_result');
    if (firstOther >= 0 && firstOther < lastResult)
      throw fault(`${path}.content.${firstOther}`, 'tool_result blocks must come first');
    for (const id of idsOf(turn, 'tool_use', 'id')) {
      if (seen.has(id)) throw fault(path, `the tool_use id '${id}' is not unique`);
      seen.add(id);
    }
  }
  const last = turns.at(-1);
  if (last?.role === 'assistant' && idsOf(last, 'tool_use', 'id').length > 0)
    throw fault(`messages.${last.index}`, 'tool_use has no tool_result after it');
}

function idsOf(message: Message | undefined, type: string, field: string): string[] {
  return (message?.blocks ?? [])
    .filter((block) => block.type === type)
    .map((block) => asString(block[field]) ?? '');
}

/** Thinking comes back unchanged, and with budgeted thinking a turn that called tools begins with it. */
function demandThinking(body: JsonObject, messages: readonly Message[]): void {
  for (const message of messages) {
    for (const [j, block] of message.blocks.entries()) {
      const path = `messages.${message.index}.content.${j}`;
      if (
        block.type === 'thinking' &&
        unseal('thinking', asString(block.signature) ?? '') !== digest(asString(block.thinking) ?? '')
      )
        throw fault(path, 'Invalid `signature` in `thinking` block');
      if (block.type === 'redacted_thinking' && unseal('redacted', asString(block.data) ?? '') === undefined)
        throw fault(path, 'Invalid `data` in `redacted_thinking` block');
    }
  }
  if (asObject(body.thinking)?.type !== 'enabled') return;
  const turns = joined(messages);
  const last = turns.at(-1);
  if (last?.role === 'assistant')
    throw fault(
      `messages.${last.index}`,
      'a final assistant message cannot be continued with thinking enabled',
    );
  const before = turns.at(-2);
  if (last === undefined || before?.role !== 'assistant') return;
  if (!last.blocks.some((block) => block.type === 'tool_result')) return;
  const first = before.blocks[0]?.type;
  if (first !== 'thinking' && first !== 'redacted_thinking')
    throw fault(
      `messages.${before.index}.content.0.type`,
      `expected thinking or redacted_thinking, found ${first}: with thinking enabled the turn that called tools must begin with its thinking block`,
    );
}

/** https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching: up to four breakpoints. */
const mostMarkers = 4;

function demandCacheMarkers(body: JsonObject, messages: readonly Message[]): void {
  let markers = 0;
  let short = false;
  const count = (node: Json | undefined): void => {
    const marker = asObject(asObject(node)?.cache_control);
    if (marker === undefined) return;
    markers++;
    // "Cache entries with longer TTL must appear before shorter TTLs", in the order of tools, system and messages.
    if (marker.ttl === '1h' && short)
      throw fault('cache_control.ttl', "a ttl='1h' block must not come after a ttl='5m' block");
    short ||= marker.ttl !== '1h';
  };
  asArray(body.tools).forEach(count);
  if (typeof body.system !== 'string') asArray(body.system).forEach(count);
  for (const message of messages)
    for (const block of message.blocks) {
      count(block);
      if (typeof block.content !== 'string') asArray(block.content).forEach(count);
    }
  if (markers > mostMarkers)
    throw fault('cache_control', `at most ${mostMarkers} blocks may have it, found ${markers}`);
}
