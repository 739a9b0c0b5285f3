/** One output item as it arrives: its deltas become parts, and what its end brings is filled in. */
import { type AnswerBounds, countItems, inOrder } from '../answer-bounds.ts';
import type { Emit } from '../codec.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asObjects, asString } from '../json-members.ts';
import type { Extra, Part, Signature } from '../model.ts';
import {
  decodeOtherItem,
  decodeOutputContent,
  decodeOutputItems,
  isClientCall,
  messageFields,
} from './answer-decode.ts';
import { decodeAnnotation } from './content-decode.ts';
import { sign } from './item-decode.ts';
import { protocol } from './kept-fields.ts';
import { messageGap, movedCitation } from './message-gap.ts';
import { phaseSignature } from './phase.ts';
import { itemFields, separator, unwrapEncrypted } from './reasoning-item.ts';
import type { WireNames } from './tools.ts';

/** What the items of one answer share. */
export interface Answer {
  bounds: AnswerBounds;
  /** Reasoning texts that were never sent: events name texts far behind the last. */
  filled: number;
  names: WireNames;
  nextIndex: number;
  hasCalls: boolean;
  /** A signature that came by itself, for the part that follows. */
  signature: Signature | undefined;
  /** The client has one text for all messages: an empty line goes between them. */
  gaps: boolean;
  /** A message has content. */
  said: boolean;
}

/** A part that is open. */
export interface OpenPart {
  index: number;
  /** UTF-16 units of text that have been emitted. */
  emitted: number;
  citations: number;
  /** What goes before the first text. */
  gap: string;
  moved: boolean;
  /** The part's extra: it may grow until `part-end`, for an item has some of its fields only when it is complete. */
  extra: { protocol: typeof protocol; fields: JsonObject; originalForm: JsonObject };
}

interface OpenReasoning extends OpenPart {
  lengths: number[];
}

/** An item that has begun. */
export interface OpenItem {
  kind: 'message' | 'reasoning' | 'call' | 'other';
  added: JsonObject;
  /** The fields around the content of a message, shared by its first part. */
  around: JsonObject;
  content: Map<number, OpenPart>;
  reasoning: { summary?: OpenReasoning; content?: OpenReasoning };
  call: OpenPart | undefined;
  done: boolean;
}

function begin(part: Part, originalForm: JsonObject, answer: Answer, emit: Emit): OpenPart {
  const before: Extra | undefined = 'extra' in part ? part.extra : undefined;
  const extra: OpenPart['extra'] = {
    protocol,
    fields: before?.fields ?? {},
    originalForm: { ...before?.originalForm, ...originalForm },
  };
  if (answer.signature !== undefined) sign(part, answer.signature);
  answer.signature = undefined;
  const openPart: OpenPart = {
    index: answer.nextIndex++,
    emitted: 0,
    citations: 0,
    gap: '',
    moved: false,
    extra,
  };
  emit({
    type: 'part-start',
    index: openPart.index,
    part: part.type === 'native' ? part : { ...part, extra },
  });
  return openPart;
}

/** Begins an item. Calls are emitted at once; messages and reasoning with their first content; all others when they are whole. */
export function openItem(added: JsonObject, answer: Answer, emit: Emit): OpenItem {
  const item: OpenItem = {
    kind: kindOf(added, answer.names),
    added,
    around: added.type === 'message' ? messageFields(added) : {},
    content: new Map(),
    reasoning: {},
    call: undefined,
    done: false,
  };
  if (item.kind === 'call') beginCall(item, added, answer, emit);
  return item;
}

function kindOf(item: JsonObject, names: WireNames): OpenItem['kind'] {
  if (item.type === 'message' || item.type === 'reasoning') return item.type;
  // A call whose beginning was lost has no name yet.
  const call = item.type === 'function_call' || isClientCall(item, names);
  return call ? 'call' : 'other';
}

// ---------------------------------------------------------------- messages

/** The open part of a content part; it begins with the first event that names it. */
export function openContentAt(
  item: OpenItem,
  at: number,
  refusal: boolean,
  answer: Answer,
  emit: Emit,
): OpenPart {
  const open = item.content.get(at);
  if (open !== undefined) return open;
  const first = item.content.size === 0;
  const phase = answer.names.foreign && !refusal ? phaseSignature(item.around) : undefined;
  const part: Part = refusal
    ? { type: 'refusal', text: '' }
    : { type: 'text', text: '', ...(phase && { signature: phase }) };
  const openPart = begin(part, first ? { item: item.around } : { joined: true }, answer, emit);
  item.content.set(at, openPart);
  if (!refusal && answer.gaps) {
    if (first && answer.said) openPart.gap = messageGap;
    answer.said = true;
  }
  return openPart;
}

/** More text. */
export function emitText(openPart: OpenPart, delta: string, emit: Emit): void {
  openPart.emitted += delta.length;
  if (openPart.gap !== '' && delta.length > 0) {
    emit({ type: 'delta', index: openPart.index, text: openPart.gap });
    openPart.gap = '';
    openPart.moved = true;
  }
  if (delta.length > 0) emit({ type: 'delta', index: openPart.index, text: delta });
}

/** Emits what of the whole text has not come by deltas. */
export function emitRemaining(openPart: OpenPart, whole: string, emit: Emit): void {
  if (whole.length > openPart.emitted) emitText(openPart, whole.slice(openPart.emitted), emit);
}

/** A citation of the text so far. */
export function emitAnnotation(openPart: OpenPart, annotation: JsonObject, emit: Emit): void {
  openPart.citations++;
  const citation = decodeAnnotation(annotation);
  emit({
    type: 'citation',
    index: openPart.index,
    citation: openPart.moved ? movedCitation(citation) : citation,
  });
}

/** The whole content part: text and annotations that were not emitted, and what the model does not cover. */
function completeContent(item: OpenItem, at: number, value: JsonObject, answer: Answer, emit: Emit): void {
  const part = decodeOutputContent(value);
  if (part.type === 'native') {
    if (!item.content.has(at)) item.content.set(at, begin(part, {}, answer, emit));
    return;
  }
  const openPart = openContentAt(item, at, part.type === 'refusal', answer, emit);
  emitRemaining(openPart, part.text, emit);
  const annotations = asObjects(value.annotations);
  for (const annotation of annotations.slice(openPart.citations)) emitAnnotation(openPart, annotation, emit);
  if (part.type === 'text' && part.logprobs !== undefined)
    emit({ type: 'logprobs', index: openPart.index, tokens: part.logprobs });
  Object.assign(openPart.extra.fields, part.extra?.fields);
  Object.assign(openPart.extra.originalForm, part.extra?.originalForm);
}

function endMessage(item: OpenItem, whole: JsonObject, answer: Answer, emit: Emit): void {
  const late = answer.names.foreign && item.around.phase === undefined ? phaseSignature(whole) : undefined;
  const first = item.content.get(0);
  if (late !== undefined && first !== undefined)
    emit({ type: 'signature', index: first.index, signature: late });
  Object.assign(item.around, messageFields(whole));
  const contents = asArray(whole.content);
  countItems(contents.length, answer.bounds);
  contents.forEach((value, at) => {
    if (isObject(value)) completeContent(item, at, value, answer, emit);
  });
  if (item.content.size === 0)
    item.content.set(0, begin({ type: 'text', text: '' }, { item: item.around, empty: true }, answer, emit));
  for (const [, openPart] of inOrder(item.content)) emit({ type: 'part-end', index: openPart.index });
}

// ---------------------------------------------------------------- reasoning

/** More of a summary or of the thinking itself. Texts of one place are one part, apart by an empty line. */
export function emitReasoning(
  item: OpenItem,
  place: 'summary' | 'content',
  at: number,
  delta: string,
  answer: Answer,
  emit: Emit,
): void {
  const openPart = openReasoningAt(item, place, answer, emit);
  answer.filled += Math.max(0, at - openPart.lengths.length);
  countItems(answer.filled, answer.bounds);
  while (openPart.lengths.length <= at) {
    if (openPart.lengths.length > 0) emitText(openPart, separator, emit);
    openPart.lengths.push(0);
  }
  openPart.lengths[at] = (openPart.lengths[at] ?? 0) + delta.length;
  emitText(openPart, delta, emit);
}

function openReasoningAt(
  item: OpenItem,
  place: 'summary' | 'content',
  answer: Answer,
  emit: Emit,
): OpenReasoning {
  const open = item.reasoning[place];
  if (open !== undefined) return open;
  const other = item.reasoning[place === 'summary' ? 'content' : 'summary'];
  const id = asString(item.added.id);
  const lengths: number[] = [];
  const openPart: OpenReasoning = {
    ...begin(
      {
        type: 'reasoning',
        text: '',
        ...(place === 'summary' && { summary: true }),
        ...(id !== undefined && { id }),
      },
      { [place]: lengths, ...(other === undefined ? { item: item.around } : { joined: true }) },
      answer,
      emit,
    ),
    lengths,
  };
  item.reasoning[place] = openPart;
  return openPart;
}

/** Emits what of a whole text has not been emitted. */
export function emitRemainingReasoning(
  item: OpenItem,
  place: 'summary' | 'content',
  at: number,
  whole: string,
  answer: Answer,
  emit: Emit,
): void {
  const emitted = item.reasoning[place]?.lengths[at];
  if (emitted === undefined || emitted < whole.length)
    emitReasoning(item, place, at, whole.slice(emitted ?? 0), answer, emit);
}

function endReasoning(item: OpenItem, whole: JsonObject, answer: Answer, emit: Emit): void {
  const encrypted = asString(whole.encrypted_content);
  const sealed = encrypted === undefined || encrypted === '' ? undefined : unwrapEncrypted(encrypted);
  for (const place of ['summary', 'content'] as const) {
    asObjects(whole[place]).forEach((entry, at) => {
      emitRemainingReasoning(item, place, at, asString(entry.text) ?? '', answer, emit);
    });
  }
  const { summary, content } = item.reasoning;
  if (summary === undefined && content === undefined) {
    // Nothing to read: one part that comes whole.
    for (const part of decodeOutputItems([whole], answer.names)) emitWhole(part, answer, emit);
    if (sealed?.of === 'next') answer.signature = sealed.signature;
    return;
  }
  Object.assign(item.around, itemFields(whole, sealed !== undefined));
  const last =
    summary !== undefined && content !== undefined
      ? summary.index > content.index
        ? summary
        : content
      : (summary ?? content);
  if (sealed !== undefined && last !== undefined)
    emit({ type: 'signature', index: last.index, signature: sealed.signature });
  for (const openPart of [summary, content])
    if (openPart !== undefined) emit({ type: 'part-end', index: openPart.index });
}

// ---------------------------------------------------------------- calls and the rest

function beginCall(item: OpenItem, added: JsonObject, answer: Answer, emit: Emit): void {
  const part = decodeOtherItem({ ...added, arguments: '', input: '' }, answer.names);
  if (part.type !== 'tool-call') return;
  answer.hasCalls = true;
  item.call = begin(part, { item: item.around }, answer, emit);
  const early = added.type === 'custom_tool_call' ? added.input : added.arguments;
  if (typeof early === 'string') emitText(item.call, early, emit);
}

function endCall(item: OpenItem, whole: JsonObject, answer: Answer, emit: Emit): void {
  if (item.call === undefined) beginCall(item, whole, answer, emit);
  const part = decodeOtherItem(whole, answer.names);
  // A call without a name or an id cannot be answered.
  if (item.call === undefined || part.type !== 'tool-call') return;
  emitRemaining(item.call, part.input, emit);
  const around: Json | undefined = part.extra?.originalForm?.item;
  if (isObject(around)) Object.assign(item.around, around);
  if (part.extra?.originalForm?.input !== undefined)
    item.call.extra.originalForm.input = part.extra.originalForm.input;
  emit({ type: 'part-end', index: item.call.index });
}

function emitWhole(part: Part, answer: Answer, emit: Emit): void {
  if (answer.signature !== undefined) sign(part, answer.signature);
  answer.signature = undefined;
  const index = answer.nextIndex++;
  if (part.type === 'tool-call') {
    // A call grows by deltas, even one that comes whole.
    answer.hasCalls = true;
    emit({ type: 'part-start', index, part: { ...part, input: '' } });
    emit({ type: 'delta', index, text: part.input });
  } else emit({ type: 'part-start', index, part });
  emit({ type: 'part-end', index, ...(part.type === 'tool-call' && part.cut === true && { cut: true }) });
}

/** The item is whole: emits all of it that has not been emitted. */
export function endItem(item: OpenItem, whole: JsonObject, answer: Answer, emit: Emit): void {
  if (item.done) return;
  item.done = true;
  switch (item.kind) {
    case 'message':
      endMessage(item, whole, answer, emit);
      break;
    case 'reasoning':
      endReasoning(item, whole, answer, emit);
      break;
    case 'call':
      endCall(item, whole, answer, emit);
      break;
    case 'other':
      emitWhole(decodeOtherItem(whole, answer.names), answer, emit);
      break;
  }
}
