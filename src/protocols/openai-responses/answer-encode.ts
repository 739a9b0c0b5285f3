/** Canonical parts → the items of `output`. */
import type { EncodeContext } from '../codec.ts';
import type { JsonObject } from '../json.ts';
import { asObject } from '../json-members.ts';
import type {
  ImagePart,
  Part,
  ReasoningPart,
  RefusalPart,
  Signature,
  TextPart,
  ToolCallPart,
} from '../model.ts';
import { writeLogprobs } from '../openai-logprobs.ts';
import { unsigned } from '../signature-envelope.ts';
import { clientItemPrefix } from './client-tools.ts';
import { isContentType } from './content-decode.ts';
import { encodeCitation, encodeRefusal } from './content-encode.ts';
import { encodeCall } from './conversation-encode.ts';
import { isJoined, itemOf, ownOf, protocol } from './kept-fields.ts';
import { withoutPhase } from './phase.ts';
import { encodeReasoningItem, reasoningGroup, wrapEncrypted } from './reasoning-item.ts';
import type { WireNames } from './tools.ts';

/** What writing an answer needs to know of its client. */
export interface OutputWriter {
  names: WireNames;
  newId: EncodeContext['newId'];
}

/**
 * Writes the parts of a whole answer as items, in order. Neighbouring texts from elsewhere are one message. `early`: the
 * answer from elsewhere ended before it was complete, and with its last item.
 */
export function encodeOutputItems(
  parts: readonly Part[],
  writer: OutputWriter,
  early: boolean,
): JsonObject[] {
  const items = outputItems(parts, writer);
  const last = items.at(-1);
  const grown = last?.type === 'message' || last?.type === 'reasoning';
  if (early && last !== undefined && grown && speakable(parts.at(-1)) !== undefined)
    last.status = 'incomplete';
  return items;
}

function outputItems(parts: readonly Part[], writer: OutputWriter): JsonObject[] {
  const items: JsonObject[] = [];
  let content: JsonObject[] | undefined;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] && speakable(parts[i]);
    if (part === undefined) continue;
    if (part.type === 'native' && !isContentType(part.value.type)) {
      content = undefined;
      items.push(part.value);
      continue;
    }
    if (isContent(part)) {
      if (content === undefined || beginsMessage(part)) {
        if (part.type === 'text' && part.signature !== undefined)
          items.push(carrier(part.signature, 'next', writer));
        content = [];
        items.push(messageItem(content, part, writer));
      }
      if (!isEmptyMessage(part)) content.push(encodeOutputContent(part));
      if (part.type === 'text' && part.signature !== undefined) content = undefined;
      continue;
    }
    content = undefined;
    switch (part.type) {
      case 'reasoning': {
        const group = reasoningGroup(parts, i);
        i += group.length - 1;
        items.push(withState(reasoningItem(group, reasoningId(part, writer)), itemOf(part.extra), false));
        break;
      }
      case 'tool-call':
        if (part.signature !== undefined) items.push(carrier(part.signature, 'next', writer));
        items.push(callItem(part, callItemId(part, writer), writer.names));
        break;
      case 'image':
        if (part.signature !== undefined) items.push(carrier(part.signature, 'next', writer));
        items.push(imageItem(part, writer));
        break;
    }
  }
  return items;
}

/** Parts that are content of a message item. */
export type Content = TextPart | RefusalPart | Extract<Part, { type: 'native' }>;
/** Parts that an answer of this protocol can hold. */
export type Speakable = Content | ReasoningPart | ToolCallPart | ImagePart;

/** The part in a kind that an answer of this protocol can hold; undefined for other kinds. */
export function speakable(part: Part | undefined): Speakable | undefined {
  switch (part?.type) {
    case 'text':
      return withoutPhase(part);
    case 'refusal':
    case 'reasoning':
    case 'tool-call':
      return part;
    case 'native':
      return part.protocol === protocol ? part : undefined;
    case 'image':
      if (part.source.kind === 'base64') return part;
      return part.source.kind === 'url' ? { type: 'text', text: `![image](${part.source.url})` } : undefined;
    case 'audio':
      return part.transcript === undefined ? undefined : { type: 'text', text: part.transcript };
    default:
      return undefined;
  }
}

/** Whether the part is content of a message item; a native part is, unless it is an item by itself. */
export function isContent(part: Speakable): part is Content {
  return part.type === 'text' || part.type === 'refusal' || part.type === 'native';
}

/** Whether the part begins a message where another one is open. */
export function beginsMessage(part: Content): boolean {
  if (part.type === 'native' || isJoined(part.extra)) return false;
  return itemOf(part.extra) !== undefined || (part.type === 'text' && part.signature !== undefined);
}

/** Whether the part represents a message without content. */
export function isEmptyMessage(part: Content): boolean {
  return part.type === 'text' && part.text === '' && ownOf(part.extra)?.originalForm.empty === true;
}

/** The message item around `content`, which may still grow. */
export function messageItem(content: JsonObject[], first: Content, writer: OutputWriter): JsonObject {
  const around = first.type === 'native' ? undefined : itemOf(first.extra);
  return {
    ...(around ?? { id: writer.newId('msg'), status: 'completed' }),
    type: 'message',
    role: around?.role ?? 'assistant',
    content,
  };
}

/** The item with the state that it ended in; `own` is what an item of this protocol had around its parts, including its state. */
export function withState(item: JsonObject, own: JsonObject | undefined, cut: boolean): JsonObject {
  if (own === undefined) return { ...item, status: cut ? 'incomplete' : 'completed' };
  return cut && own.status === 'in_progress' ? { ...item, status: 'incomplete' } : item;
}

/** A content part of a message of the assistant. */
export function encodeOutputContent(part: Content): JsonObject {
  if (part.type === 'native') return part.value;
  if (part.type === 'refusal') return encodeRefusal(part);
  const own = ownOf(part.extra);
  const annotations: JsonObject[] = [];
  for (const citation of part.citations ?? []) {
    const annotation = encodeCitation(citation, part.text.length);
    if (annotation !== undefined) annotations.push(annotation);
  }
  if (own === undefined) {
    const logprobs = writeLogprobs(part.logprobs ?? []);
    return { type: 'output_text', text: part.text, annotations, logprobs };
  }
  return {
    type: own.originalForm.type ?? 'output_text',
    text: part.text,
    ...(annotations.length > 0 && { annotations }),
    ...own.fields,
  };
}

/** A fresh id for an item of reasoning; one of this protocol keeps its own, or none. */
export function reasoningId(part: ReasoningPart, writer: OutputWriter): string | undefined {
  return itemOf(part.extra) === undefined ? writer.newId('rs') : part.id;
}

/** A reasoning item; signatures of every family are sealed into it, to come back with the next request. */
export function reasoningItem(group: readonly ReasoningPart[], id: string | undefined): JsonObject {
  const last = group.at(-1);
  // Open models of this protocol show their thinking unsigned; that of others is marked, to be given back by all clients.
  const foreign = last !== undefined && itemOf(last.extra) === undefined && !isJoined(last.extra);
  const signature = last?.signature ?? (foreign && last.text !== '' ? unsigned : undefined);
  const encrypted =
    signature && wrapEncrypted({ signature, of: last?.redacted === true ? 'redacted' : 'reasoning' });
  return encodeReasoningItem(group, id, encrypted);
}

/** A reasoning item without text that carries the signature of its neighbour. */
export function carrier(signature: Signature, of: 'next' | 'previous', writer: OutputWriter): JsonObject {
  return {
    id: writer.newId('rs'),
    type: 'reasoning',
    summary: [],
    encrypted_content: wrapEncrypted({ signature, of }),
    status: 'completed',
  };
}

/** A fresh id for a call's item; undefined when the item comes with the part. */
export function callItemId(part: ToolCallPart, writer: OutputWriter): string | undefined {
  if (itemOf(part.extra) !== undefined) return undefined;
  if (writer.names.isSearch(part.name)) return writer.newId('tsc');
  if (writer.names.isClientRun(part.name)) return writer.newId(clientItemPrefix(part.name));
  return writer.newId(part.kind === 'custom' ? 'ctc' : 'fc');
}

/** The item of a call that is whole. */
export function callItem(part: ToolCallPart, id: string | undefined, names: WireNames): JsonObject {
  const item = encodeCall(part, names, part.id);
  if (part.cut === true && part.input === '' && item.type === 'function_call') item.arguments = '';
  return withState(id === undefined ? item : { id, ...item }, itemOf(part.extra), part.cut === true);
}

/** The item of an image that the assistant made; one of this protocol is the item that it came in. */
export function imageItem(part: ImagePart, writer: OutputWriter): JsonObject {
  if (part.source.kind !== 'base64') return {};
  const own = ownOf(part.extra);
  const around = asObject(own?.originalForm.item);
  const item = { type: 'image_generation_call', result: own?.originalForm.result ?? part.source.data };
  if (around !== undefined) return { ...item, ...around };
  const format = part.source.mediaType.replace(/^image\//, '');
  return { id: writer.newId('ig'), ...item, status: 'completed', output_format: format };
}
