/** Messages → the items of `input`. */

import type { LossReport } from '../codec.ts';
import { signatureFor } from '../codec.ts';
import { callsById, reportErrorFlag } from '../conversation.ts';
import { parseOpaque } from '../exact-numbers.ts';
import type { JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import type { Message, Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../model.ts';
import { wireCallId } from '../tool-names.ts';
import { mendedEscapes } from '../well-formed.ts';
import { encodeClientCall } from './client-tools.ts';
import { encodeContent } from './content-encode.ts';
import { callIdLength, ownOf } from './kept-fields.ts';
import { phaseOf, withPhases } from './phase.ts';
import { encodeReasoningItem } from './reasoning-item.ts';
import type { WireNames } from './tools.ts';

/** What writing a conversation needs to know. */
interface ItemWriter {
  names: WireNames;
  report: LossReport;
  /** The client gives the phases of its texts back behind them. */
  phasesBehind: boolean;
}

/** Writes the messages as items, in order. */
export function encodeItems(messages: readonly Message[], writer: ItemWriter): JsonObject[] {
  const items: JsonObject[] = [];
  let calls: Map<string, ToolCallPart> | undefined;
  const kindOf = (result: ToolResultPart): 'function' | 'custom' => {
    if (result.kind !== undefined) return result.kind;
    calls ??= callsById(messages);
    return calls.get(result.callId)?.kind ?? 'function';
  };
  for (const message of messages) encodeMessage(message, writer, kindOf, items);
  return items;
}

function encodeMessage(
  message: Message,
  writer: ItemWriter,
  kindOf: (result: ToolResultPart) => 'function' | 'custom',
  items: JsonObject[],
): void {
  let content: JsonObject[] = [];
  let phase: string | undefined;
  const flush = (): void => {
    if (content.length > 0) items.push({ ...messageItem(message.role, content), ...(phase && { phase }) });
    content = [];
    phase = undefined;
  };
  for (const part of withPhases(message.parts, writer.phasesBehind)) {
    const item = encodeItem(part, message, writer, kindOf);
    if (item === 'content') {
      const next = phaseOf(part);
      // A text without a phase goes on with the one before it.
      if (next !== undefined && next !== phase) flush();
      if (next !== undefined) phase = next;
      const written = encodeContent(part, message.role, writer.report);
      if (written !== undefined) content.push(written);
    } else if (item !== undefined) {
      flush();
      items.push(item);
    }
  }
  flush();
}

/** The item that a part is; `content` for a part of a message item; undefined for one that is left out. */
function encodeItem(
  part: Part,
  message: Message,
  writer: ItemWriter,
  kindOf: (result: ToolResultPart) => 'function' | 'custom',
): JsonObject | 'content' | undefined {
  switch (part.type) {
    case 'reasoning':
      return encodeReasoning(part, writer.report);
    case 'tool-call':
      return encodeCall(part, writer.names, wireCallId(part.id, callIdLength));
    case 'tool-result':
      return encodeResult(part, kindOf(part), writer.report);
    case 'text':
      // The API refuses nothing empty, but it has no use for it either.
      return part.text.length > 0 ? 'content' : undefined;
    case 'image':
    case 'file':
    case 'audio':
    case 'video':
      return message.role === 'assistant' ? shownByUser(part, writer.report) : 'content';
    case 'refusal':
    case 'native':
      return 'content';
  }
}

/** An answer of the assistant holds text only: what else it showed is shown again by the user. */
function shownByUser(part: Part, report: LossReport): JsonObject | undefined {
  const content = encodeContent(part, 'user', report);
  if (content === undefined) return undefined;
  report('approximated', `messages.${part.type}`, 'sent as input of the user');
  return { type: 'message', role: 'user', content: [content] };
}

function messageItem(role: Message['role'], content: JsonObject[]): JsonObject {
  return { type: 'message', role: role === 'system' ? 'developer' : role, content };
}

/** Writes a call as the item that its tool's kind has. */
export function encodeCall(part: ToolCallPart, names: WireNames, callId: string): JsonObject {
  const own = ownOf(part.extra);
  const around = asObject(own?.originalForm.item);
  if (names.isSearch(part.name) && part.kind === 'function') {
    return {
      type: 'tool_search_call',
      call_id: callId,
      execution: 'client',
      arguments: parseOpaque(part.input) ?? part.input,
      ...around,
    };
  }
  const clientRun = names.isClientRun(part.name) ? encodeClientCall(part, callId) : undefined;
  if (clientRun !== undefined) return clientRun;
  const wire = names.toWire(part.name);
  return part.kind === 'custom'
    ? { type: 'custom_tool_call', call_id: callId, ...wire, input: part.input, ...around }
    : {
        type: 'function_call',
        call_id: callId,
        ...wire,
        arguments:
          own === undefined ? mendedEscapes(part.input) || '{}' : (own.originalForm.input ?? part.input),
        ...around,
      };
}

function encodeResult(part: ToolResultPart, kind: 'function' | 'custom', report: LossReport): JsonObject {
  reportErrorFlag(part, report);
  return {
    type: kind === 'custom' ? 'custom_tool_call_output' : 'function_call_output',
    call_id: wireCallId(part.callId, callIdLength),
    output: encodeOutput(part, report),
  };
}

function encodeOutput(part: ToolResultPart, report: LossReport): JsonObject['output'] {
  const content: JsonObject[] = [];
  for (const piece of part.content) {
    const written = encodeContent(piece, 'user', report);
    if (written !== undefined) content.push(written);
  }
  if (content.some(({ type }) => type !== 'input_text')) return content;
  return part.content.flatMap((piece) => (piece.type === 'text' ? [piece.text] : [])).join('\n');
}

/** Reasoning goes to none but who can prove it: the upstream accepts its own alone. */
function encodeReasoning(part: ReasoningPart, report: LossReport): JsonObject | undefined {
  const encrypted = signatureFor('openai', part.signature);
  if (encrypted !== undefined) return encodeReasoningItem([part], undefined, encrypted);
  report('dropped', 'messages.reasoning', 'the upstream takes its own reasoning only');
  return undefined;
}
