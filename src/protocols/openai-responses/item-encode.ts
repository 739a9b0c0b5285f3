/** Messages → the items of `input`. */
import type { LossReport } from '../codec.ts';
import { signatureFor } from '../codec.ts';
import { callsById, reportErrorFlag } from '../conversation.ts';
import { asObject, type JsonObject, parseJson } from '../json.ts';
import type { ImagePart, Message, Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../model.ts';
import { wireCallId } from '../tool-names.ts';
import { mendedEscapes } from '../well-formed.ts';
import { encodeClientCall } from './client-tools.ts';
import { isContentType } from './content-decode.ts';
import { encodeContent } from './content-encode.ts';
import { callIdLength, itemOf, ownOf, protocol } from './native.ts';
import { phaseOf, withPhases } from './phase.ts';
import { encodeReasoningItem, reasoningGroup } from './reasoning-item.ts';
import type { WireNames } from './tools.ts';

/** What writing a conversation needs to know. */
export interface ItemWriter {
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
  const own = ownOf(message.extra);
  const whole = own?.spelling.place === 'message';
  let content: JsonObject[] = [];
  let phase: string | undefined;
  const flush = (): void => {
    if (content.length > 0) items.push({ ...messageItem(message, content), ...(phase && { phase }) });
    content = [];
    phase = undefined;
  };
  const parts = own === undefined ? withPhases(message.parts, writer.phasesBehind) : message.parts;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (part === undefined) continue;
    const item = whole ? undefined : encodeItem(part, message, writer, kindOf);
    if (item === 'content') {
      const next = phaseOf(part);
      // A text without a phase goes on with the one before it.
      if (next !== undefined && next !== phase) flush();
      if (next !== undefined) phase = next;
      const written = encodeContent(part, message.role, writer.report);
      if (written !== undefined) content.push(written);
    } else if (item === 'reasoning') {
      flush();
      const group = reasoningGroup(parts, i);
      i += group.length - 1;
      const written = encodeReasoning(group, writer.report);
      if (written !== undefined) items.push(written);
    } else if (item === undefined) {
      const written = whole ? encodeContent(part, message.role, writer.report) : undefined;
      if (written !== undefined) content.push(written);
    } else {
      flush();
      items.push(item);
    }
  }
  if (whole && content.length === 0) items.push(messageItem(message, content));
  flush();
}

/** The item that a part is; `content` for a part of a message item; undefined for one that is left out. */
function encodeItem(
  part: Part,
  message: Message,
  writer: ItemWriter,
  kindOf: (result: ToolResultPart) => 'function' | 'custom',
): JsonObject | 'content' | 'reasoning' | undefined {
  switch (part.type) {
    case 'reasoning':
      return 'reasoning';
    case 'tool-call':
      return encodeCall(part, writer.names, wireId(part));
    case 'tool-result':
      return encodeResult(part, kindOf(part), writer.report);
    case 'native':
      return part.protocol === protocol && !isContentType(part.value.type) ? part.value : 'content';
    case 'text':
      // The API refuses nothing empty, but it has no use for it either.
      return part.text.length > 0 || ownOf(part.extra) !== undefined ? 'content' : undefined;
    case 'image':
      if (itemOf(part.extra) !== undefined) return encodeGeneratedImage(part);
      return message.role === 'assistant' ? shownByUser(part, writer.report) : 'content';
    case 'file':
    case 'audio':
    case 'video':
      return message.role === 'assistant' ? shownByUser(part, writer.report) : 'content';
    case 'refusal':
      return 'content';
  }
}

/** An answer of the assistant holds text only: what else it showed is shown again by the user. */
function shownByUser(part: Part, report: LossReport): JsonObject | undefined {
  const content = encodeContent(part, 'user', report);
  if (content === undefined) return undefined;
  report({ kind: 'approximated', field: `messages.${part.type}`, detail: 'sent as input of the user' });
  return { type: 'message', role: 'user', content: [content] };
}

function messageItem(message: Message, content: JsonObject[]): JsonObject {
  const own = ownOf(message.extra);
  const [first] = content;
  const plain = own?.spelling.content === 'string' && content.length <= 1;
  return {
    ...(own?.spelling.bare !== true && { type: 'message' }),
    role: message.role === 'system' && own === undefined ? 'developer' : message.role,
    content: plain
      ? (first?.text ?? '')
      : own?.spelling.content === null && first === undefined
        ? null
        : content,
    ...own?.fields,
  };
}

function wireId(part: ToolCallPart): string {
  return itemOf(part.extra) === undefined ? wireCallId(part.id, callIdLength) : part.id;
}

/** Writes a call as the item that its tool's kind has. */
export function encodeCall(part: ToolCallPart, names: WireNames, callId: string): JsonObject {
  const own = ownOf(part.extra);
  const around = asObject(own?.spelling.item);
  if (names.isSearch(part.name) && part.kind === 'function') {
    return {
      type: 'tool_search_call',
      call_id: callId,
      execution: 'client',
      arguments: parseJson(part.input) ?? part.input,
      ...around,
    };
  }
  const clientRun = encodeClientCall(part, callId, names.isClientRun(part.name));
  if (clientRun !== undefined) return clientRun;
  const wire = names.toWire(part.name);
  return part.kind === 'custom'
    ? { type: 'custom_tool_call', call_id: callId, ...wire, input: part.input, ...around }
    : {
        type: 'function_call',
        call_id: callId,
        ...wire,
        arguments: own === undefined ? mendedEscapes(part.input) || '{}' : (own.spelling.input ?? part.input),
        ...around,
      };
}

function encodeResult(part: ToolResultPart, kind: 'function' | 'custom', report: LossReport): JsonObject {
  const own = ownOf(part.extra);
  const search = asObject(own?.spelling.search);
  if (search !== undefined) return search;
  reportErrorFlag(part, report);
  return {
    type: kind === 'custom' ? 'custom_tool_call_output' : 'function_call_output',
    call_id: own === undefined ? wireCallId(part.callId, callIdLength) : part.callId,
    output: encodeOutput(part, report),
    ...asObject(own?.spelling.item),
  };
}

function encodeOutput(part: ToolResultPart, report: LossReport): JsonObject['output'] {
  const own = ownOf(part.extra);
  const spelled = own?.spelling.output;
  if (spelled !== undefined && spelled !== 'list') return spelled;
  const content = part.content.flatMap((piece) => {
    const written = encodeContent(piece, 'user', report);
    return written === undefined ? [] : [written];
  });
  if (spelled === 'list' || content.some(({ type }) => type !== 'input_text')) return content;
  return part.content.flatMap((piece) => (piece.type === 'text' ? [piece.text] : [])).join('\n');
}

function encodeReasoning(group: readonly ReasoningPart[], report: LossReport): JsonObject | undefined {
  const signature = group.at(-1)?.signature;
  const encrypted = signatureFor('openai', signature);
  const own = itemOf(group[0]?.extra);
  // Open models give their thinking back and forth unsigned; otherwise nothing but their own proof is accepted.
  if (encrypted === undefined && (own === undefined || signature !== undefined)) {
    report({
      kind: 'dropped',
      field: 'messages.reasoning',
      detail: 'the upstream takes its own reasoning only',
    });
    return undefined;
  }
  return encodeReasoningItem(group, own === undefined ? undefined : group[0]?.id, encrypted);
}

/** Writes an image that the assistant made, as the item that it came in. */
export function encodeGeneratedImage(part: ImagePart): JsonObject | undefined {
  const own = ownOf(part.extra);
  if (part.source.kind !== 'base64') return undefined;
  return {
    type: 'image_generation_call',
    result: own?.spelling.result ?? part.source.data,
    ...asObject(own?.spelling.item),
  };
}
