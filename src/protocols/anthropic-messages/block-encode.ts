/** Canonical parts → content blocks of requests. */
import type { LossReport } from '../codec.ts';
import { signatureFor } from '../codec.ts';
import { customInputToArguments } from '../custom-tool.ts';
import { asString, isObject, type JsonObject, parseJson } from '../json.ts';
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
import { type ToolNames, wireCallId } from '../tool-names.ts';
import { callIdLength, ownSpelling, ownWords, protocol } from './native.ts';
import type { PropertyNames } from './property-names.ts';
import { fileSource, imageSource } from './source.ts';

/** What writing a block needs to know of the request. */
export interface BlockWriter {
  names: ToolNames;
  /** Property names of tools that were mapped: the calls of earlier turns have them, too. */
  properties: ReadonlyMap<string, PropertyNames>;
  report: LossReport;
  /** The request came in this protocol: its blocks are written back as they were. */
  own: boolean;
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
      if (part.protocol === protocol) return part.value;
      if (part.carried === true) return undefined;
      writer.report({
        kind: 'dropped',
        field: `messages.${asString(part.value.type) ?? 'part'}`,
        detail: 'only its own protocol knows it',
      });
      return undefined;
    case 'audio':
    case 'video':
      writer.report({ kind: 'dropped', field: `messages.${part.type}`, detail: 'the upstream takes none' });
      return undefined;
  }
}

/** Undefined for empty text, which the API refuses; the client's own empty text is its own affair. */
function encodeText(part: TextPart, writer: BlockWriter): JsonObject | undefined {
  const block = ownSpelling(part.extra)?.block;
  // A compaction block is told to other protocols by its text.
  if (isObject(block)) return block;
  if (part.text.trim().length === 0 && !writer.own) return undefined;
  const citations = part.citations
    ?.map((citation) => ownSpelling(citation.extra))
    .filter((own) => own !== undefined);
  if (part.citations !== undefined && citations?.length !== part.citations.length) {
    writer.report({
      kind: 'dropped',
      field: 'messages.citations',
      detail: 'the upstream takes its own citations only',
    });
  }
  const keep = citations !== undefined && (citations.length > 0 || writer.own);
  return {
    type: 'text',
    text: part.text,
    ...(keep && { citations }),
    ...encodeCache(part.cache),
    ...ownWords(part.extra),
  };
}

/** Thinking goes back with the signature that this API gave it, or not at all: it refuses any other. */
function encodeReasoning(part: ReasoningPart, writer: BlockWriter): JsonObject | undefined {
  const signature = signatureFor('anthropic', part.signature);
  const own = ownWords(part.extra);
  if (signature !== undefined) {
    return part.redacted
      ? { type: 'redacted_thinking', data: signature, ...own }
      : { type: 'thinking', thinking: part.text, signature, ...own };
  }
  if (own !== undefined && part.signature === undefined)
    return { type: 'thinking', thinking: part.text, ...own };
  writer.report({
    kind: 'dropped',
    field: 'messages.reasoning',
    detail: 'the upstream takes only thinking that it signed itself',
  });
  return undefined;
}

function encodeImage(part: ImagePart, writer: BlockWriter): JsonObject | undefined {
  const own = ownWords(part.extra);
  if (part.detail !== undefined && part.detail !== 'auto')
    writer.report({ kind: 'dropped', field: 'messages.image.detail', detail: part.detail });
  const source = own?.source ?? imageSource(part.source, writer.report);
  if (source === undefined) return undefined;
  return { type: 'image', source, ...encodeCache(part.cache), ...own };
}

function encodeFile(part: FilePart, writer: BlockWriter): JsonObject | undefined {
  const block = ownSpelling(part.extra)?.block;
  if (isObject(block)) return block;
  const own = ownWords(part.extra);
  const source = own?.source ?? fileSource(part.source, writer.report);
  if (source === undefined) return undefined;
  return {
    type: 'document',
    source,
    ...(part.name !== undefined && { title: part.name }),
    ...(part.context !== undefined && { context: part.context }),
    ...(part.citations !== undefined && { citations: { enabled: part.citations } }),
    ...encodeCache(part.cache),
    ...own,
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
    ...ownWords(part.extra),
  };
}

/** The call's input as the object that the API demands. Text that is no object travels as the argument `input`. */
function callInput(part: ToolCallPart, report: LossReport): JsonObject {
  if (part.kind === 'function') {
    if (part.input.trim().length === 0) return {};
    const value = parseJson(part.input);
    if (isObject(value)) return value;
    report({
      kind: 'approximated',
      field: `messages.tool-call.${part.name}`,
      detail: 'its input is no JSON object and travels as the argument "input"',
    });
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
  const list = ownSpelling(part.extra)?.list === true;
  return {
    type: 'tool_result',
    tool_use_id: wireCallId(part.callId, callIdLength),
    ...((list || content.length > 0) && { content: list ? content : blocksToContent(content) }),
    ...(part.isError !== undefined && { is_error: part.isError }),
    ...encodeCache(part.cache),
    ...ownWords(part.extra),
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
