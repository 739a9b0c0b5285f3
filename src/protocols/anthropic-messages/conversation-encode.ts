/** `system` and `messages`. */
import { joinTurns, lacksLastWord, pairToolResults, splitSystem } from '../conversation.ts';
import type { JsonObject } from '../json.ts';
import type { Message } from '../model.ts';
import type { Request } from '../request.ts';
import type { Steps } from '../steps.ts';
import { type BlockWriter, blocksToContent, encodeBlock } from './content-encode.ts';

interface WireConversation {
  system: string | JsonObject[] | undefined;
  messages: JsonObject[];
}

function blocksOf(message: Message, writer: BlockWriter): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const part of message.parts) {
    const block = encodeBlock(part, writer);
    if (block !== undefined) blocks.push(block);
  }
  return blocks;
}

interface Turn {
  role: 'user' | 'assistant';
  blocks: JsonObject[];
}

/**
 * Writes the conversation in the order that the API demands. `prefill`: the model takes an answer's beginning as the last
 * message. Stops where others may run.
 */
export function* encodingConversation(
  request: Request,
  writer: BlockWriter,
  prefill: boolean,
): Steps<WireConversation> {
  for (const { name } of request.messages) if (name !== undefined) writer.report('dropped', 'messages.name');
  const { system, turns } = splitSystem(request.messages, writer.report);
  const systemBlocks = system.flatMap((message) => blocksOf(message, writer));
  const joined = joinTurns(turns);
  yield;
  const paired = pairToolResults(joined, writer.report);
  yield;
  const wire = joinBlocks(paired, writer);
  yield;
  if (lacksLastWord(turns, wire.at(-1)?.role, '.', writer.report))
    wire.push({ role: 'user', blocks: [{ type: 'text', text: '.' }] });
  if (wire[0]?.role !== 'user') {
    writer.report(
      'approximated',
      'messages',
      'the upstream requires a first turn of the user: one with "." is added',
    );
    wire.unshift({ role: 'user', blocks: [{ type: 'text', text: '.' }] });
  }
  // To the other protocols' clients a last message of the model is one that the next answer follows.
  if (!prefill && wire.at(-1)?.role === 'assistant') {
    writer.report(
      'approximated',
      'messages',
      'the model requires a last turn of the user: one with "Continue." is added',
    );
    wire.push({ role: 'user', blocks: [{ type: 'text', text: 'Continue.' }] });
  }
  trimPrefill(wire);
  return {
    system: systemBlocks.length > 0 ? blocksToContent(systemBlocks) : undefined,
    messages: wire.map(({ role, blocks }) => ({ role, content: blocksToContent(blocks) })),
  };
}

/** The turns as blocks. A turn that has nothing left vanishes, and its neighbours become one. */
function joinBlocks(turns: readonly Message[], writer: BlockWriter): Turn[] {
  const wire: Turn[] = [];
  // Images and documents are allowed in user turns only: those of the model go to the turn that follows.
  let carried: JsonObject[] = [];
  for (const turn of turns) {
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    let blocks = blocksOf(turn, writer);
    if (role === 'assistant') {
      const media = blocks.filter(isMedia);
      if (media.length > 0) {
        blocks = blocks.filter((block) => !isMedia(block));
        carried.push(...media);
        writer.report(
          'approximated',
          'messages.image',
          "the model's own picture is shown in the turn that follows",
        );
      }
    } else if (carried.length > 0) {
      const results = blocks.findLastIndex((block) => block.type === 'tool_result') + 1;
      blocks = [...blocks.slice(0, results), ...carried, ...blocks.slice(results)];
      carried = [];
    }
    push(wire, role, blocks);
  }
  if (carried.length > 0) push(wire, 'user', carried);
  for (const turn of wire) if (turn.role === 'assistant') turn.blocks = callsLast(turn.blocks);
  return wire;
}

function push(wire: Turn[], role: Turn['role'], blocks: JsonObject[]): void {
  if (blocks.length === 0) return;
  const last = wire.at(-1);
  if (last?.role === role) last.blocks.push(...blocks);
  else wire.push({ role, blocks });
}

/** The model's own turns end with their calls; text after a call would separate it from its result. */
function callsLast(blocks: JsonObject[]): JsonObject[] {
  const first = blocks.findIndex((block) => block.type === 'tool_use');
  if (first < 0 || blocks.slice(first).every((block) => block.type === 'tool_use')) return blocks;
  return [
    ...blocks.filter((block) => block.type !== 'tool_use'),
    ...blocks.filter((block) => block.type === 'tool_use'),
  ];
}

function isMedia(block: JsonObject): boolean {
  return block.type === 'image' || block.type === 'document';
}

/** "final assistant content cannot end with trailing whitespace" */
function trimPrefill(wire: readonly Turn[]): void {
  const last = wire.at(-1);
  const block = last?.role === 'assistant' ? last.blocks.at(-1) : undefined;
  if (block?.type === 'text' && typeof block.text === 'string') block.text = block.text.trimEnd();
}

/** True when the conversation goes on after calls that have no signed thinking before them. */
export function lacksThinking(messages: readonly JsonObject[]): boolean {
  const last = messages.findLast((message) => message.role === 'assistant');
  const next = messages.at(-1);
  if (last === undefined || last === next || !Array.isArray(last.content)) return false;
  const [first] = last.content;
  return (
    last.content.some((block) => typed(block, 'tool_use')) && !typed(first, 'thinking', 'redacted_thinking')
  );
}

function typed(block: unknown, ...types: string[]): boolean {
  return (
    typeof block === 'object' &&
    block !== null &&
    'type' in block &&
    types.some((type) => block.type === type)
  );
}
