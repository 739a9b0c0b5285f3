/** Parts of other protocols' requests → content blocks. */

import type { LossReport } from '../codec.ts';
import { signatureFor } from '../codec.ts';
import { customInputToArguments } from '../custom-tool.ts';
import { parseOpaque } from '../exact-numbers.ts';
import { isObject, type JsonObject, parseJson } from '../json.ts';
import { asString } from '../json-members.ts';
import type {
  CacheMarker,
  FilePart,
  ImagePart,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../model.ts';
import { reportForeignThinking } from '../reasoning.ts';
import { type ToolNames, wireCallId } from '../tool-names.ts';
import { callIdLength } from './kept-fields.ts';
import { fileSource, imageSource } from './media.ts';
import type { PropertyNames } from './property-names.ts';

/** What writing a block needs to know of the request. */
export interface BlockWriter {
  names: ToolNames;
  /** Property names of tools that were mapped: the calls of earlier turns have them, too. */
  properties: ReadonlyMap<string, PropertyNames>;
  report: LossReport;
}

export function encodeCache(cache: CacheMarker | undefined): JsonObject | undefined {
  return (
    cache && { cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }
  );
}

/** The block for a part; undefined (and a report) where the protocol has no place for it. */
export function encodeBlock(part: Part, writer: BlockWriter): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, writer);
    case 'refusal':
      return part.text.length > 0 ? { type: 'text', text: part.text } : undefined;
    case 'reasoning':
      return encodeReasoning(part, writer);
    case 'image':
      return encodeImage(part, writer);
    case 'file':
      return encodeFile(part, writer);
    case 'tool-call':
      return encodeToolCall(part, writer);
    case 'tool-result':
      return encodeToolResult(part, writer);
    case 'native':
      if (part.carried === true) return undefined;
      writer.report(
        'dropped',
        `messages.${asString(part.value.type) ?? 'part'}`,
        'only its own protocol has it',
      );
      return undefined;
    case 'audio':
    case 'video':
      writer.report('dropped', `messages.${part.type}`, 'the upstream takes none');
      return undefined;
  }
}

/** Undefined for empty text, which the API refuses. */
function encodeText(part: TextPart, writer: BlockWriter): JsonObject | undefined {
  if (part.text.trim().length === 0) return undefined;
  if (part.citations !== undefined && part.citations.length > 0) {
    writer.report('dropped', 'messages.citations', 'the upstream takes its own citations only');
  }
  return { type: 'text', text: part.text, ...encodeCache(part.cache) };
}

/** Thinking goes back with the signature that this API gave it, or not at all: it refuses any other. */
function encodeReasoning(part: ReasoningPart, writer: BlockWriter): JsonObject | undefined {
  const signature = signatureFor('anthropic', part.signature);
  if (signature !== undefined) {
    return part.redacted
      ? { type: 'redacted_thinking', data: signature }
      : { type: 'thinking', thinking: part.text, signature };
  }
  reportForeignThinking(writer.report);
  return undefined;
}

function encodeImage(part: ImagePart, writer: BlockWriter): JsonObject | undefined {
  if (part.detail !== undefined && part.detail !== 'auto')
    writer.report('dropped', 'messages.image.detail', part.detail);
  const source = imageSource(part.source, writer.report);
  if (source === undefined) return undefined;
  return { type: 'image', source, ...encodeCache(part.cache) };
}

function encodeFile(part: FilePart, writer: BlockWriter): JsonObject | undefined {
  const source = fileSource(part.source, writer.report);
  if (source === undefined) return undefined;
  return {
    type: 'document',
    source,
    ...(part.name !== undefined && { title: part.name }),
    ...(part.context !== undefined && { context: part.context }),
    ...(part.citations !== undefined && { citations: { enabled: part.citations } }),
    ...encodeCache(part.cache),
  };
}

function encodeToolCall(part: ToolCallPart, writer: BlockWriter): JsonObject {
  const input = callInput(part, writer.report);
  const properties = part.kind === 'function' ? writer.properties.get(part.name) : undefined;
  return {
    type: 'tool_use',
    id: wireCallId(part.id, callIdLength),
    name: writer.names.toWire(part.name),
    input: properties === undefined ? input : properties.toWire(input),
    ...encodeCache(part.cache),
  };
}

/** The call's input as the object that the API demands. Text that is no object travels as the argument `input`. */
export function callInput(part: ToolCallPart, report?: LossReport): JsonObject {
  if (part.kind === 'function') {
    if (part.input.trim().length === 0) return {};
    const value = parseOpaque(part.input);
    if (isObject(value)) return value;
    report?.(
      'approximated',
      `messages.tool-call.${part.name}`,
      'its input is no JSON object and travels as the argument "input"',
    );
  }
  const wrapped = parseJson(customInputToArguments(part.input));
  return isObject(wrapped) ? wrapped : {};
}

function encodeToolResult(part: ToolResultPart, writer: BlockWriter): JsonObject {
  const content: JsonObject[] = [];
  for (const item of part.content) {
    const block = encodeBlock(item, writer);
    if (block !== undefined) content.push(block);
  }
  return {
    type: 'tool_result',
    tool_use_id: wireCallId(part.callId, callIdLength),
    ...(content.length > 0 && { content: blocksToContent(content) }),
    ...(part.isError !== undefined && { is_error: part.isError }),
    ...encodeCache(part.cache),
  };
}

/** A single plain text block as the string that the API takes for it. */
export function blocksToContent(blocks: JsonObject[]): string | JsonObject[] {
  const [only, ...others] = blocks;
  if (
    only !== undefined &&
    others.length === 0 &&
    only.type === 'text' &&
    typeof only.text === 'string' &&
    Object.keys(only).length === 2
  )
    return only.text;
  return blocks;
}
