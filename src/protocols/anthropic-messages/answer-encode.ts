/** Canonical parts → content blocks of an answer for a client of this protocol. */

import { customInputToArguments } from '../custom-tool.ts';
import { calledTool } from '../declared-tool.ts';
import type { JsonObject } from '../json.ts';
import type { Part, ReasoningPart, Signature, TextPart, ToolCallPart } from '../model.ts';
import type { Request } from '../request.ts';
import { unsigned, wrapSignature } from '../signature-envelope.ts';
import { encodeCitation } from './citations.ts';
import { callInput } from './content-encode.ts';
import { ownFields, ownWords, protocol } from './kept-fields.ts';

/** The signature field for a client; foreign signatures are sealed, so that they come back. */
export function sealed(signature: Signature | undefined): string {
  return wrapSignature(signature ?? unsigned, 'anthropic');
}

/** An empty thinking block: carries a foreign signature through the client. */
export function carrier(signature: Signature): JsonObject {
  return { type: 'thinking', thinking: '', signature: sealed(signature) };
}

export function isCarrier(block: JsonObject): boolean {
  return block.type === 'thinking' && block.thinking === '';
}

/** Whether clients show the block as the answer, not as the way to it. */
export function isSpoken(block: JsonObject): boolean {
  return block.type !== 'thinking' && block.type !== 'redacted_thinking';
}

/** The blocks without carriers behind the last other one: clients that show an answer's last block would show nothing. */
export function withoutTrailingCarriers(content: JsonObject[]): JsonObject[] {
  const last = content.findLastIndex((block) => !isCarrier(block));
  return content.some(isSpoken) ? content.slice(0, last + 1) : content;
}

/** A signature that has no field of its own on the block and needs a {@link carrier} before it. */
export function detachedSignature(part: Part): Signature | undefined {
  return part.type === 'tool-call' || part.type === 'text' ? part.signature : undefined;
}

/** The text of a part that clients of this protocol read as text. */
export function spokenText(part: Part): string {
  switch (part.type) {
    case 'refusal':
      return part.text;
    case 'audio':
      return part.transcript ?? '';
    case 'image':
      return part.source.kind === 'url' ? `![image](${part.source.url})` : '';
    default:
      return '';
  }
}

/**
 * The blocks for a part; none where the protocol has no place for it (bytes of pictures, other protocols' native parts).
 * `own`: the answer came from this protocol.
 */
export function encodeAnswerPart(part: Part, own: boolean): JsonObject[] {
  const before = detachedSignature(part);
  const block = answerBlock(part, own);
  if (block === undefined) return before === undefined ? [] : [carrier(before)];
  return before === undefined ? [block] : [carrier(before), block];
}

function answerBlock(part: Part, own: boolean): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return part.text.length > 0 || own ? textBlock(part, part.text) : undefined;
    case 'reasoning':
      return reasoningBlock(part, own);
    case 'tool-call':
      return { ...toolUseStart(part), input: callInput(part) };
    case 'native':
      return part.protocol === protocol ? part.value : undefined;
    default: {
      const text = spokenText(part);
      return text.length > 0 ? { type: 'text', text } : undefined;
    }
  }
}

/** A text block; `citations` only where there are some, as the API itself does. */
export function textBlock(part: TextPart, text: string): JsonObject {
  const citations = part.citations?.map(encodeCitation).filter((citation) => citation !== undefined);
  const keep = citations !== undefined && (citations.length > 0 || part.citations?.length === 0);
  return { type: 'text', text, ...(keep && { citations }), ...ownWords(part.extra) };
}

function reasoningBlock(part: ReasoningPart, own: boolean): JsonObject | undefined {
  if (part.redacted && part.signature?.family === 'anthropic')
    return { type: 'redacted_thinking', data: part.signature.value, ...ownWords(part.extra) };
  if (part.text.length === 0 && part.signature === undefined && !own) return undefined;
  const signature = part.signature === undefined && own ? undefined : { signature: sealed(part.signature) };
  return { type: 'thinking', thinking: part.text, ...signature, ...ownWords(part.extra) };
}

/**
 * Whether a streamed call is held until it is whole: SDKs hand out what they can parse of a block, so that the beginning of a
 * cut call would be run. Clients that set `eager_input_streaming` on the tool get its input as it comes and handle what is
 * cut (platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming). Free text becomes JSON as a whole.
 */
export function isHeld(part: ToolCallPart, request: Request): boolean {
  if (part.kind === 'custom') return true;
  const tool = calledTool(request.tools, part.name);
  return tool === undefined || ownFields(tool.extra)?.eager_input_streaming !== true;
}

/** The block of a call as it begins: everything but its input. */
export function toolUseStart(part: ToolCallPart): JsonObject {
  return { type: 'tool_use', id: part.id, name: part.name, input: {}, ...ownWords(part.extra) };
}

/** The call's input as JSON text: free text of custom tools as the one argument `input`. */
export function inputJson(part: ToolCallPart, input: string): string {
  return part.kind === 'custom' ? customInputToArguments(input) : input;
}
