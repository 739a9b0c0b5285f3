/** Writes the conversation: one message a turn, tool results as messages of their own. */
import { reportErrorFlag } from '../conversation.ts';
import { customInputToArguments } from '../custom-tool.ts';
import type { JsonObject } from '../json.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../model.ts';
import { wireCallId } from '../tool-names.ts';
import { mendedEscapes } from '../well-formed.ts';
import { type AssistantOptions, encodeAssistant, encodeContent } from './assistant-encode.ts';
import { encodePart } from './content-encode.ts';
import { encodeToolCall } from './tool-calls.ts';
import type { ToolOptions } from './tools.ts';
import { isOpenAiModel, takesGeminiSignatures } from './upstream-models.ts';

/** OpenAI's limit: "Expected a string with maximum length 40" for `tool_calls[].id`. */
const callIdLength = 40;

/** The `messages` of a request. Messages from elsewhere must have their results paired with their calls. */
export function encodeMessages(messages: readonly Message[], options: ToolOptions): JsonObject[] {
  const wire: JsonObject[] = [];
  // Media that stood where chat takes text only: they follow in the next user message.
  let displaced: Part[] = [];
  const flush = (): void => {
    const content = encodeContent(displaced, undefined, { ...options, textSeparator: '\n\n' });
    if (content !== undefined) wire.push({ role: 'user', content });
    displaced = [];
  };
  for (const message of messages) {
    if (message.role === 'user') {
      const others: Part[] = [];
      for (const part of message.parts) {
        if (part.type !== 'tool-result') others.push(part);
        else wire.push(encodeToolMessage(part, options, displaced));
      }
      const parts = [...displaced, ...others];
      displaced = [];
      if (parts.length > 0 || message.parts.length === 0) pushPlain(wire, { ...message, parts }, options);
      continue;
    }
    flush();
    if (message.role === 'assistant') pushAssistant(wire, message, options, displaced);
    else pushPlain(wire, message, options);
  }
  flush();
  return wire;
}

function pushPlain(wire: JsonObject[], message: Message, options: ToolOptions): void {
  const { role, name } = message;
  const parts = message.parts.filter((part) => part.type !== 'text' || part.text !== '');
  const textual = parts.every((part) => part.type === 'text');
  // System text in a list is refused by many servers; a user's texts stay apart.
  const hint = role === 'user' && textual && parts.length > 1 ? [] : undefined;
  const content = encodeContent(parts, hint, { ...options, textSeparator: '\n\n' });
  if (content !== undefined) wire.push({ role, content, ...(name !== undefined && { name }) });
}

function pushAssistant(wire: JsonObject[], message: Message, options: ToolOptions, displaced: Part[]): void {
  const thinks = !isOpenAiModel(options.model);
  const assistant: AssistantOptions = {
    ...options,
    textSeparator: '\n\n',
    reasoning: thinks,
    seal: false,
    call: (part) => encodeHistoryCall(part, options),
    name: (part) => options.names.toWire(part.name),
  };
  const parts = plainParts(message.parts, displaced, options);
  if (!thinks && parts.some((part) => part.type === 'reasoning' && part.text !== ''))
    options.report('dropped', 'messages.reasoning', 'OpenAI refuses thinking in messages');
  if (!parts.some((part) => part.type !== 'reasoning' || (thinks && part.text !== ''))) return;
  const encoded = encodeAssistant(parts, undefined, assistant);
  wire.push(message.name === undefined ? encoded : { ...encoded, name: message.name });
}

/**
 * Text, thinking and calls. Neighbouring texts are one text that was cut (Gemini streams, cited passages) and go
 * together again; images, audio and files of the model go to the next user message.
 */
function plainParts(parts: readonly Part[], displaced: Part[], options: ToolOptions): Part[] {
  const plain: Part[] = [];
  let before: Part['type'] | undefined;
  for (const part of parts) {
    const last = plain.at(-1);
    if (part.type === 'text' && before === 'text' && last?.type === 'text') {
      plain[plain.length - 1] = { type: 'text', text: last.text + part.text };
    } else if (isMedia(part)) {
      displaced.push(part);
    } else if (part.type === 'native') {
      encodePart(part, options);
    } else {
      plain.push(part.type === 'text' ? { type: 'text', text: part.text } : part);
    }
    before = part.type;
  }
  return plain;
}

function isMedia(part: Part): boolean {
  return part.type === 'image' || part.type === 'file' || part.type === 'audio' || part.type === 'video';
}

function encodeHistoryCall(part: ToolCallPart, options: ToolOptions): JsonObject {
  const { signature, ...unsigned } = part;
  const custom = part.kind === 'custom';
  return encodeToolCall(
    {
      ...unsigned,
      kind: 'function',
      input: custom ? customInputToArguments(part.input) : mendedEscapes(part.input) || '{}',
      ...(takesGeminiSignatures(options.model) && { signature }),
    },
    wireCallId(part.id, callIdLength),
    options.names.toWire(part.name),
  );
}

function encodeToolMessage(part: ToolResultPart, options: ToolOptions, displaced: Part[]): JsonObject {
  reportErrorFlag(part, options.report);
  const texts = part.content.filter((item) => item.type === 'text');
  const media = part.content.filter((item) => item.type !== 'text' && item.type !== 'native');
  displaced.push(...media);
  if (media.length > 0)
    options.report(
      'approximated',
      'messages.tool-result',
      `${media[0]?.type}s follow in a user message: tool messages hold text only`,
    );
  for (const item of part.content) if (item.type === 'native') encodePart(item, options);
  const cache = part.cache ?? texts.findLast((text) => text.cache !== undefined)?.cache;
  const content = { type: 'text' as const, text: texts.map((item) => item.text).join('\n') };
  if (content.text === '' && media.length > 0) content.text = '(in the next message)';
  const marked = cache === undefined ? undefined : encodePart({ ...content, cache }, options);
  return {
    role: 'tool',
    tool_call_id: wireCallId(part.callId, callIdLength),
    content: marked !== undefined && options.cache ? [marked] : content.text,
  };
}
