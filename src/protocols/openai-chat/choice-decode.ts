/** Reads the deltas of one choice: parts begin with their first delta and end when another kind begins. */
import { type AnswerBounds, countItems } from '../answer-bounds.ts';
import type { Emit } from '../codec.ts';
import { argumentsToCustomInput } from '../custom-tool.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asArray, asNumber, asObject, asObjects, asString } from '../json-members.ts';
import type { Extra, Part } from '../model.ts';
import { readLogprobs } from '../openai-logprobs.ts';
import { decodeAnnotation } from './annotations.ts';
import { speech } from './assistant-decode.ts';
import { decodeContent, decodeImage } from './content-decode.ts';
import { decodeFinish } from './finish.ts';
import { keep, looseText, protocol } from './kept-fields.ts';
import { detailsSignature, detailsText, mergeDetails } from './reasoning-details.ts';
import { type CallReading, decodeToolCall, geminiSignature, isNamed } from './tool-calls.ts';

export interface ChoiceDecoder {
  take(delta: JsonObject, emit: Emit): void;
  /** The same for a delta with only a text. */
  takeText(text: string, emit: Emit): void;
  /** The log probabilities of the text of the same chunk. */
  takeLogprobs(logprobs: JsonObject, emit: Emit): void;
  /** Ends all parts and sets the finish reason; later calls do nothing. */
  finish(word: string | undefined, extra: Omit<Extra, 'protocol'>, emit: Emit): void;
  finished(): boolean;
  /** Whether there is anything of it. */
  hasSaid(): boolean;
}

interface ChoiceOptions {
  /** The choice's place in the answer. */
  index: number;
  reading: CallReading;
  /** True for calls whose arguments must be whole before they can be read. */
  buffered(name: string): boolean;
  audioType: string;
  bounds: AnswerBounds;
  /** The next part index of the answer. */
  newIndex(): number;
}

type Kind = 'text' | 'reasoning' | 'refusal';

/** A tool call whose pieces arrive. It begins as a part when its name is known. */
interface OpenCall {
  id: string;
  wireIndex: number;
  part?: number;
  held: string;
  /** The arguments wait for their end: a custom tool's text is inside them. */
  hold: boolean;
  /** Some arguments have come. */
  said: boolean;
}

/** Google's compatible endpoint sends whole calls that all have index 0 and no id. */
function isAnotherCall(piece: JsonObject, known: OpenCall): boolean {
  if (!known.said || !isNamed(piece.function)) return false;
  return looseText(piece.function.arguments).startsWith('{');
}

export function choiceDecoder(options: ChoiceOptions): ChoiceDecoder {
  const { reading, index: choiceIndex } = options;
  let openKind: Kind | undefined;
  let openIndex = -1;
  let details: JsonObject[] | undefined;
  const calls: OpenCall[] = [];
  let lastCall: OpenCall | undefined;
  let called = false;
  let saidReasoning = false;
  let hasText = false;
  let ended = false;
  /** A part has begun. */
  let begun = false;
  let audio: { pieces: string[]; transcript: string; fields: JsonObject } | undefined;

  function begin(part: Part, emit: Emit): number {
    begun = true;
    const index = options.newIndex();
    emit(
      choiceIndex === 0
        ? { type: 'part-start', index, part }
        : { type: 'part-start', index, part, choice: choiceIndex },
    );
    return index;
  }

  function closeText(emit: Emit): void {
    if (openKind === undefined) return;
    if (openKind === 'reasoning' && details !== undefined) {
      emit({ type: 'signature', index: openIndex, signature: detailsSignature(details) });
      details = undefined;
    }
    emit({ type: 'part-end', index: openIndex });
    openKind = undefined;
  }

  function open(kind: Kind, extra: Extra | undefined, emit: Emit): void {
    if (openKind === kind) return;
    closeText(emit);
    openKind = kind;
    openIndex = begin(extra === undefined ? { type: kind, text: '' } : { type: kind, text: '', extra }, emit);
  }

  function say(kind: Kind, text: string, emit: Emit, extra?: Extra): void {
    if (text === '') return;
    if (openKind !== kind) {
      open(kind, extra, emit);
      if (kind === 'text') hasText = true;
    }
    emit({ type: 'delta', index: openIndex, text });
  }

  function whole(part: Part, emit: Emit): void {
    closeText(emit);
    emit({ type: 'part-end', index: begin(part, emit) });
  }

  function takeContent(content: Json[], emit: Emit): void {
    for (const part of decodeContent(content, 'choices.delta.content')) {
      if (part.type === 'text') say('text', part.text, emit);
      else if (part.type === 'refusal') say('refusal', part.text, emit);
      else if (part.type === 'reasoning')
        say('reasoning', part.text, emit, keep(undefined, { type: 'thinking' }));
      else whole(part, emit);
    }
  }

  function takeReasoning(delta: JsonObject, emit: Emit): void {
    const list = asObjects(delta.reasoning_details);
    const content = asString(delta.reasoning_content);
    const said = content || asString(delta.reasoning);
    if (said) saidReasoning = true;
    // Most servers that send the list also send its text in a field of its own.
    const text = said || (saidReasoning ? '' : detailsText(list));
    if (text !== '') {
      const spelled = content ? undefined : keep(undefined, { reasoning: true });
      say('reasoning', text, emit, spelled);
    }
    if (list.length === 0) return;
    open('reasoning', keep(undefined, { reasoning: true }), emit);
    details ??= [];
    mergeDetails(details, list);
  }

  /** The call that a piece belongs to: by its id, else by its index, else the last one. */
  function callOf(piece: JsonObject): OpenCall {
    const id = asString(piece.id) ?? '';
    const wireIndex = asNumber(piece.index);
    const byIndex =
      wireIndex === undefined ? lastCall : calls.findLast((call) => call.wireIndex === wireIndex);
    if (byIndex !== undefined && byIndex.id === '' && byIndex.part === undefined) byIndex.id = id;
    const known = id === '' || byIndex?.id === id ? byIndex : calls.find((call) => call.id === id);
    if (known !== undefined && !(id === '' && isAnotherCall(piece, known))) return known;
    const made: OpenCall = { id, wireIndex: wireIndex ?? calls.length, held: '', hold: false, said: false };
    countItems(calls.push(made), options.bounds);
    return made;
  }

  function takeCall(piece: JsonObject, emit: Emit): void {
    const call = callOf(piece);
    lastCall = call;
    const inner = asObject(piece.function) ?? asObject(piece.custom) ?? {};
    const text = looseText(inner.arguments ?? inner.input);
    if (call.part === undefined && isNamed(inner)) {
      closeText(emit);
      const { index: _, ...named } = piece;
      const field = isObject(piece.function) ? 'function' : 'custom';
      const blank = { ...inner, ...(field === 'function' ? { arguments: '' } : { input: '' }) };
      const part = decodeToolCall({ ...named, id: call.id, [field]: blank }, reading);
      call.hold = part.kind === 'custom' && field === 'function' && options.buffered(part.name);
      if (call.hold) part.input = '';
      call.part = begin(part, emit);
      called = true;
      if (call.held !== '' && !call.hold) {
        emit({ type: 'delta', index: call.part, text: call.held });
        call.held = '';
      }
    } else if (call.part !== undefined) {
      const signature = geminiSignature(piece);
      if (signature !== undefined) emit({ type: 'signature', index: call.part, signature });
    }
    if (text === '') return;
    call.said = true;
    if (call.part === undefined || call.hold) call.held += text;
    else emit({ type: 'delta', index: call.part, text });
  }

  function takeAudio(piece: JsonObject): void {
    const { data, transcript, ...fields } = piece;
    audio ??= { pieces: [], transcript: '', fields: {} };
    if (typeof data === 'string' && data !== '') audio.pieces.push(data);
    audio.transcript += asString(transcript) ?? '';
    Object.assign(audio.fields, fields);
  }

  function closeAll(emit: Emit): void {
    closeText(emit);
    for (const call of calls) {
      if (call.part === undefined) continue;
      if (call.hold && call.held !== '')
        emit({ type: 'delta', index: call.part, text: argumentsToCustomInput(call.held) });
      emit({ type: 'part-end', index: call.part });
    }
    calls.length = 0;
    if (audio === undefined || (audio.pieces.length === 0 && audio.transcript === '')) return;
    const { pieces, transcript, fields } = audio;
    audio = undefined;
    whole(
      speech(
        joinBase64(pieces),
        options.audioType,
        transcript === '' ? undefined : transcript,
        hasText,
        fields,
      ),
      emit,
    );
  }

  return {
    take(delta, emit) {
      const { content } = delta;
      if (delta.reasoning_content || delta.reasoning || delta.reasoning_details) takeReasoning(delta, emit);
      if (typeof content === 'string') say('text', content, emit);
      else if (Array.isArray(content)) takeContent(content, emit);
      if (delta.refusal) say('refusal', looseText(delta.refusal), emit);
      if (delta.tool_calls)
        for (const piece of asArray(delta.tool_calls)) if (isObject(piece)) takeCall(piece, emit);
      if (isNamed(delta.function_call) || (isObject(delta.function_call) && calls.length > 0))
        takeCall({ index: 0, function: delta.function_call }, emit);
      if (delta.annotations) {
        for (const annotation of asArray(delta.annotations)) {
          const citation = decodeAnnotation(annotation);
          if (citation === undefined) continue;
          if (openKind !== 'text') open('text', undefined, emit);
          emit({ type: 'citation', index: openIndex, citation });
        }
      }
      if (delta.images)
        for (const image of asObjects(delta.images)) whole(decodeImage(image, 'choices.delta.images'), emit);
      if (isObject(delta.audio)) takeAudio(delta.audio);
    },
    takeText: (text, emit) => say('text', text, emit),
    takeLogprobs(logprobs, emit) {
      const tokens = readLogprobs(logprobs.content);
      if (tokens === undefined) return;
      if (openKind !== 'text') open('text', undefined, emit);
      emit({ type: 'logprobs', index: openIndex, tokens });
    },
    finish(word, extra, emit) {
      closeAll(emit);
      if (ended) return;
      ended = true;
      const kept: Extra = { protocol, ...extra };
      const finish = decodeFinish(word, called);
      emit(
        choiceIndex === 0
          ? { type: 'finish', finish, extra: kept }
          : { type: 'finish', finish, choice: choiceIndex, extra: kept },
      );
    },
    finished: () => ended,
    hasSaid: () => begun || audio !== undefined,
  };
}

/** Base64 texts of consecutive bytes as one: padding inside is decoded away. */
function joinBase64(pieces: readonly string[]): string {
  if (pieces.slice(0, -1).every((piece) => piece.length % 4 === 0 && !piece.endsWith('=')))
    return pieces.join('');
  const binary = pieces.map((piece) => atob(piece)).join('');
  return btoa(binary);
}
