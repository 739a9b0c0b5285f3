/** Content blocks of requests and answers → canonical parts. */

import { bytesSource, urlSource } from '../base64.ts';
import { argumentsToCustomInput } from '../custom-tool.ts';
import { requireArray, requireObject, requireString } from '../invalid-request.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asBoolean, asObject, asObjects, asString, unknownFields } from '../json-members.ts';
import type {
  CacheMarker,
  Extra,
  FilePart,
  ImagePart,
  NativePart,
  Part,
  ReasoningPart,
  Signature,
  Source,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../model.ts';
import { unwrapId, unwrapSignature } from '../signature-envelope.ts';
import { decodeCitation } from './citations.ts';
import { protocol, toExtra } from './kept-fields.ts';
import type { PropertyNames } from './property-names.ts';

/** How an upstream's tool names and kinds are written for the client. */
export interface ToolReader {
  name(wire: string): string;
  isCustom(name: string): boolean;
  /** The property names of a tool, by the client's name for it; undefined where none was mapped. */
  properties(name: string): PropertyNames | undefined;
  /** Ids may hold signatures that travelled through the client. */
  sealed?: boolean;
}

/** For requests: names are the client's own and all tools are functions. */
export const plainTools: ToolReader = {
  name: (wire) => wire,
  isCustom: () => false,
  properties: () => undefined,
  sealed: true,
};

/** Reads one block; a type that is new to us becomes a native part. Throws InvalidRequest naming `path`. */
export function decodeBlock(value: Json, path: string, tools: ToolReader): Part {
  const block = requireObject(value, path);
  switch (requireString(block.type, `${path}.type`)) {
    case 'text':
      return decodeText(block, path);
    case 'thinking':
      return decodeThinking(block, path);
    case 'redacted_thinking':
      return {
        type: 'reasoning',
        text: '',
        redacted: true,
        signature: { family: 'anthropic', value: requireString(block.data, `${path}.data`) },
        ...withExtra(block, redactedFields),
      };
    case 'image':
      return decodeImage(block, path) ?? nativePart(block);
    case 'document':
      return decodeDocument(block, path) ?? nativePart(block);
    case 'search_result':
      return decodeSearchResult(block);
    case 'tool_use':
      return decodeToolUse(block, path, tools);
    case 'tool_result':
      return decodeToolResult(block, path);
    default:
      return nativePart(block);
  }
}

function nativePart(value: JsonObject): NativePart {
  return { type: 'native', protocol, value };
}

/** The prompt-cache breakpoint of a node. */
export function decodeCache(value: Json | undefined): CacheMarker | undefined {
  if (!isObject(value)) return undefined;
  const ttl = asString(value.ttl);
  return ttl === undefined ? {} : { ttl };
}

/** The `cache` of the node for a block that only requests have. */
function cacheOf(block: JsonObject): { cache?: CacheMarker } {
  const cache = decodeCache(block.cache_control);
  return cache === undefined ? {} : { cache };
}

/** The `cache` and `extra` of the node for a block (or tool). `known` are the fields that the caller reads. */
export function withExtra(
  block: JsonObject,
  known: ReadonlySet<string>,
  originalForm?: JsonObject,
): { cache?: CacheMarker; extra?: Extra } {
  const extra = toExtra(unknownFields(block, known), originalForm);
  return { ...cacheOf(block), ...(extra && { extra }) };
}

const textFields = new Set(['type', 'text', 'citations', 'cache_control']);
const thinkingFields = new Set(['type', 'thinking', 'signature']);
const redactedFields = new Set(['type', 'data']);
const toolUseFields = new Set(['type', 'id', 'name', 'input', 'cache_control']);

function decodeText(block: JsonObject, path: string): TextPart {
  const part: TextPart = { type: 'text', text: requireString(block.text, `${path}.text`) };
  if (Array.isArray(block.citations)) part.citations = asObjects(block.citations).map(decodeCitation);
  return Object.assign(
    part,
    withExtra(block, textFields, block.citations === null ? { citations: null } : undefined),
  );
}

/** The signature in a field of a thinking block; a sealed nothing is none. */
export function readSignature(field: string): Signature | undefined {
  const signature = unwrapSignature(field, 'anthropic');
  return signature.value.length > 0 ? signature : undefined;
}

/** An absent or empty signature is put by; a sealed one is opened, and a sealed nothing is no signature at all. */
function decodeThinking(block: JsonObject, path: string): ReasoningPart {
  const part: ReasoningPart = {
    type: 'reasoning',
    text: requireString(block.thinking, `${path}.thinking`),
  };
  const sealed = asString(block.signature);
  if (!sealed) {
    const kept = sealed === undefined ? {} : { signature: sealed };
    return Object.assign(part, withExtra(block, thinkingFields, kept));
  }
  const signature = readSignature(sealed);
  if (signature !== undefined) part.signature = signature;
  return Object.assign(part, withExtra(block, thinkingFields));
}

/** The source of an image or document; undefined for a kind that is new to us. */
function decodeSource(value: Json | undefined, path: string): Source | undefined {
  const source = requireObject(value, path);
  switch (source.type) {
    case 'base64':
      return bytesSource(
        requireString(source.data, `${path}.data`),
        requireString(source.media_type, `${path}.media_type`),
      );
    case 'url':
      return urlSource(requireString(source.url, `${path}.url`));
    case 'file':
      return { kind: 'file-id', protocol, id: requireString(source.file_id, `${path}.file_id`) };
    case 'text':
      return {
        kind: 'text',
        mediaType: asString(source.media_type) || 'text/plain',
        text: requireString(source.data, `${path}.data`),
      };
    case 'content':
      return { kind: 'text', mediaType: 'text/plain', text: plainText(source.content) };
    default:
      return undefined;
  }
}

function plainText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return asObjects(content)
    .map((block) => asString(block.text) ?? '')
    .filter((text) => text.length > 0)
    .join('\n');
}

function decodeImage(block: JsonObject, path: string): ImagePart | undefined {
  const source = decodeSource(block.source, `${path}.source`);
  return source && { type: 'image', source, ...cacheOf(block) };
}

function decodeDocument(block: JsonObject, path: string): FilePart | undefined {
  const source = decodeSource(block.source, `${path}.source`);
  if (source === undefined) return undefined;
  const pictures = decodePictures(asObject(block.source)?.content, `${path}.source.content`);
  return {
    type: 'file',
    source,
    ...cacheOf(block),
    ...(pictures.length > 0 && { pictures }),
    name: asString(block.title),
    context: asString(block.context),
    citations: asBoolean(asObject(block.citations)?.enabled),
  };
}

/** What is no text in a document that is made of blocks: other protocols get it behind the text. */
function decodePictures(content: Json | undefined, path: string): (ImagePart | NativePart)[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((value, i): (ImagePart | NativePart)[] => {
    if (!isObject(value) || value.type === 'text') return [];
    return [(value.type === 'image' ? decodeImage(value, `${path}.${i}`) : undefined) ?? nativePart(value)];
  });
}

/** A search result that the client found itself: other protocols get its text as a document. */
function decodeSearchResult(block: JsonObject): FilePart {
  const name = asString(block.title);
  const origin = asString(block.source);
  return {
    type: 'file',
    source: { kind: 'text', mediaType: 'text/plain', text: plainText(block.content) },
    ...(name !== undefined && { name }),
    ...(origin !== undefined && { origin }),
  };
}

function decodeToolUse(block: JsonObject, path: string, tools: ToolReader): ToolCallPart {
  const name = tools.name(requireString(block.name, `${path}.name`));
  const custom = tools.isCustom(name);
  const given = block.input ?? {};
  const properties = custom ? undefined : tools.properties(name);
  const input = JSON.stringify(properties === undefined ? given : properties.fromWire(given));
  const wireId = requireString(block.id, `${path}.id`);
  const { id, signature } = tools.sealed === true ? unwrapId(wireId) : { id: wireId };
  return {
    type: 'tool-call',
    id,
    ...(signature !== undefined && { signature }),
    name,
    kind: custom ? 'custom' : 'function',
    input: custom ? argumentsToCustomInput(input) : input,
    ...withExtra(block, toolUseFields),
  };
}

function decodeToolResult(block: JsonObject, path: string): ToolResultPart {
  return {
    type: 'tool-result',
    callId: unwrapId(requireString(block.tool_use_id, `${path}.tool_use_id`)).id,
    content: decodeResultContent(block.content, `${path}.content`),
    ...cacheOf(block),
    isError: asBoolean(block.is_error),
  };
}

function decodeResultContent(content: Json | undefined, path: string): ToolResultPart['content'] {
  if (content === undefined || content === null) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return requireArray(content, path).map((value, i) => {
    const found = decodeToolReference(value);
    if (found !== undefined) return found;
    const part = decodeBlock(value, `${path}.${i}`, plainTools);
    switch (part.type) {
      case 'text':
      case 'image':
      case 'file':
      case 'native':
        return part;
      default:
        return nativePart(requireObject(value, `${path}.${i}`));
    }
  });
}

/** A tool that a client's own search found: the declaration is among the tools, so that its name is all that others need. */
function decodeToolReference(value: Json): TextPart | undefined {
  if (!isObject(value) || value.type !== 'tool_reference') return undefined;
  const name = asString(value.tool_name);
  if (name === undefined) return undefined;
  return { type: 'text', text: `Tool that can be called now: ${name}` };
}
