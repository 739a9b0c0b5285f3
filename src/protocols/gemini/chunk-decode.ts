/** The chunks of one answer → canonical events. */
import { countItems, placeOf, usualAnswerBounds } from '../answer-bounds.ts';
import type { DecodeContext, Emit } from '../codec.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import type { Part, ReasoningPart, Signature, TextPart } from '../model.ts';
import { answerCalls, answerExtra, blockReason, candidateExtra, createdOf, unwrapped } from './answer.ts';
import {
  cutArguments,
  decodeFreeText,
  isPartialCall,
  type PartialArguments,
  partialArguments,
} from './arguments.ts';
import { decodePart, isSignatureAlone, signatureAlone } from './content-decode.ts';
import { decodeErrorObject } from './errors.ts';
import { decodeFinish, finishWordOf } from './finish.ts';
import { decodeCitations, joinGrounding } from './grounding.ts';
import { camelCased, protocol, toExtra } from './kept-fields.ts';
import { decodeLogprobs } from './logprobs.ts';
import { isPlain, textAlone } from './plain-text.ts';
import { type TextPlaces, textPlaces } from './text-places.ts';
import { decodeUsage } from './usage.ts';

interface ChunkDecoder {
  /** Takes the next chunk. Returns its text where it only continues an open text. */
  push(chunk: JsonObject, emit: Emit): string | undefined;
  /** More of the text that the last chunk was of. */
  more(text: string, emit: Emit): void;
  /** Reads the members of a chunk beside its candidates, after {@link more} has read those. */
  readAround(chunk: JsonObject): void;
  end(emit: Emit): void;
}

/** A run of text or thought that goes on from chunk to chunk. */
interface Run {
  index: number;
  type: 'text' | 'reasoning';
  text: string;
  /** A signed part is complete: Google wants signatures on the parts that they came with. */
  signed: boolean;
  /** Of its text, where sources name some. */
  places?: TextPlaces;
}

interface OpenCall {
  part: JsonObject;
  args: PartialArguments;
  /** Of a custom tool: its free text is emitted as it comes. `emitted` counts its UTF-16 units so far. */
  custom: { index: number; emitted: number } | undefined;
}

interface Choice {
  number: number;
  run: Run | undefined;
  /** A call whose arguments come piece by piece. */
  call: OpenCall | undefined;
  called: boolean;
  finish: string | undefined;
  /** The parts of the model's turn with it. */
  message: Json | undefined;
  extra: JsonObject | undefined;
  cited: Set<string>;
}

/** Reads the chunks of one answer. Google has no terminal event: the answer is complete when it has a finish reason. */
export function chunkDecoder(context: DecodeContext): ChunkDecoder {
  const { bounds = usualAnswerBounds } = context;
  const choices = new Map<number, Choice>();
  let calls: ReturnType<typeof answerCalls> | undefined;
  /** List elements that were never sent: paths name elements far behind the last. */
  let filled = 0;
  const fill = (elements: number): void => {
    filled += elements;
    countItems(filled, bounds);
  };
  let nextIndex = 0;
  let extra: JsonObject | undefined;
  let usage: JsonObject | undefined;
  let blocked: string | undefined;
  /** The run that the last chunk was of. */
  let growing: Run | undefined;
  let over = false;
  const translated = context.request.extra?.protocol !== protocol;

  function start(answer: JsonObject, emit: Emit): ReturnType<typeof answerCalls> {
    const id = asString(answer.responseId) ?? '';
    const created = createdOf(answer);
    const known = isObject(answer.usageMetadata) ? decodeUsage(answer.usageMetadata) : undefined;
    const fields = answerExtra(answer);
    emit({
      type: 'start',
      id,
      model: asString(answer.modelVersion) ?? context.request.model,
      ...(created !== undefined && { created }),
      ...(known && { usage: known }),
      extra: toExtra(fields ?? {}),
    });
    return answerCalls(context, id);
  }

  function choiceOf(number: number): Choice {
    const known = choices.get(number);
    if (known !== undefined) return known;
    const made: Choice = {
      number,
      run: undefined,
      call: undefined,
      called: false,
      finish: undefined,
      message: undefined,
      extra: undefined,
      cited: new Set(),
    };
    choices.set(number, made);
    return made;
  }

  function begin(choice: Choice, part: Part, emit: Emit): number {
    const index = nextIndex++;
    emit({ type: 'part-start', index, part, ...(choice.number > 0 && { choice: choice.number }) });
    return index;
  }

  function endRun(choice: Choice, emit: Emit): void {
    if (choice.run === undefined) return;
    emit({ type: 'part-end', index: choice.run.index });
    choice.run = undefined;
  }

  function whole(choice: Choice, part: Part, emit: Emit): void {
    endRun(choice, emit);
    if (part.type !== 'tool-call') {
      emit({ type: 'part-end', index: begin(choice, part, emit) });
      return;
    }
    const { cut, ...call } = part;
    const index = begin(choice, { ...call, input: '' }, emit);
    choice.called = true;
    emit({ type: 'delta', index, text: part.input });
    emit({ type: 'part-end', index, ...(cut && { cut }) });
  }

  function say(choice: Choice, part: TextPart | ReasoningPart, emit: Emit): void {
    const { type, text, signature } = part;
    let run = choice.run;
    // A thought always has an extra, to distinguish it from foreign ones; fields in it make it a part of its own.
    const hasFields = part.extra !== undefined && Object.keys(part.extra.fields).length > 0;
    if (run === undefined || run.type !== type || run.signed || hasFields) {
      if (translated && isSignatureAlone(part)) {
        whole(choice, signatureAlone(part), emit);
        return;
      }
      if (text.length === 0 && signature === undefined && !hasFields) return;
      endRun(choice, emit);
      const { signature: _signature, ...unsigned } = part;
      run = { index: begin(choice, { ...unsigned, text: '' }, emit), type, text: '', signed: false };
      choice.run = run;
    }
    emitText(run, text, signature, emit);
  }

  function emitText(run: Run, text: string, signature: Signature | undefined, emit: Emit): void {
    if (text.length > 0) {
      run.text += text;
      emit({ type: 'delta', index: run.index, text });
    }
    if (signature !== undefined) {
      run.signed = true;
      emit({ type: 'signature', index: run.index, signature });
    }
  }

  /** A chunk of a call that comes piece by piece. True when it was one. */
  function partial(choice: Choice, raw: JsonObject, emit: Emit): boolean {
    const part = camelCased(raw);
    if (!isObject(part.functionCall)) return false;
    const call = camelCased(part.functionCall);
    if (choice.call !== undefined && asString(call.name)) endCall(choice, emit);
    if (choice.call === undefined) {
      if (!isPartialCall(call)) return false;
      const { partialArgs: _args, willContinue: _more, ...known } = call;
      choice.call = {
        part: { ...part, functionCall: known },
        args: partialArguments(asObject(call.args) ?? {}, bounds, fill),
        custom: undefined,
      };
      beginCustom(choice, choice.call, emit);
    }
    choice.call.args.push(call.partialArgs);
    growCustom(choice.call, asString(choice.call.args.value().input) ?? '', emit);
    if (call.willContinue !== true) endCall(choice, emit);
    return true;
  }

  function beginCustom(choice: Choice, call: OpenCall, emit: Emit): void {
    if (calls === undefined) return;
    const { links, reading } = calls;
    const name = asString(asObject(call.part.functionCall)?.name) ?? '';
    if (!reading.isCustom(reading.name(name))) return;
    const part = decodePart(call.part, 'functionCall', links, reading);
    if (part.type !== 'tool-call') return;
    endRun(choice, emit);
    choice.called = true;
    call.custom = { index: begin(choice, { ...part, input: '' }, emit), emitted: 0 };
  }

  function growCustom({ custom }: OpenCall, text: string, emit: Emit): void {
    if (custom === undefined || text.length <= custom.emitted) return;
    emit({ type: 'delta', index: custom.index, text: text.slice(custom.emitted) });
    custom.emitted = text.length;
  }

  /** Ends the call whose arguments came in pieces. `cut`: the answer ended before they did. */
  function endCall(choice: Choice, emit: Emit, cut = false): void {
    if (choice.call === undefined || calls === undefined) return;
    const { call } = choice;
    const { part, args, custom } = call;
    choice.call = undefined;
    if (custom !== undefined) {
      if (custom.emitted === 0) growCustom(call, decodeFreeText(args.value()), emit);
      emit({ type: 'part-end', index: custom.index, ...(cut && { cut }) });
      return;
    }
    const functionCall = { ...asObject(part.functionCall), args: args.value() };
    const read = decodePart({ ...part, functionCall }, 'functionCall', calls.links, calls.reading);
    whole(
      choice,
      cut && read.type === 'tool-call' ? { ...read, input: cutArguments(args), cut } : read,
      emit,
    );
  }

  function addPart(choice: Choice, raw: JsonObject, emit: Emit): void {
    if (calls === undefined) return;
    const { run } = choice;
    // The common chunk: more text of the run that is open.
    if (run !== undefined && !run.signed && typeof raw.text === 'string' && isPlain(raw, run.type)) {
      if (raw.text.length > 0) emitText(run, raw.text, undefined, emit);
      return;
    }
    if (partial(choice, raw, emit)) return;
    const part = decodePart(raw, 'candidates.content.parts', calls.links, calls.reading);
    const runs = part.type === 'text' || (part.type === 'reasoning' && part.redacted !== true);
    if (runs) say(choice, part, emit);
    else whole(choice, part, emit);
  }

  function addCandidate(raw: JsonObject, position: number, emit: Emit): void {
    const candidate = camelCased(raw);
    const choice = choiceOf(placeOf(candidate.index, placeOf(position, 0, bounds), bounds));
    const parts = asObject(candidate.content)?.parts;
    if (Array.isArray(parts)) for (const part of parts) if (isObject(part)) addPart(choice, part, emit);
    if (candidate.finishReason !== undefined) {
      choice.finish = finishWordOf(candidate) ?? choice.finish;
      choice.message = candidate.finishMessage;
    }
    addExtra(choice, candidate, emit);
  }

  /** The text that is open; later data about a text is emitted on an empty one. */
  function textRun(choice: Choice, emit: Emit): Run {
    if (choice.run?.type === 'text') return choice.run;
    endRun(choice, emit);
    const index = begin(choice, { type: 'text', text: '' }, emit);
    const run: Run = { index, type: 'text', text: '', signed: false };
    choice.run = run;
    return run;
  }

  function addExtra(choice: Choice, candidate: JsonObject, emit: Emit): void {
    if (saysNothingNew(choice, candidate)) return;
    const fields = candidateExtra(candidate);
    if (fields === undefined) return;
    const before = asObject(choice.extra?.groundingMetadata);
    const after = asObject(fields.groundingMetadata);
    if (before !== undefined && after !== undefined) fields.groundingMetadata = joinGrounding(before, after);
    choice.extra = choice.extra === undefined ? fields : { ...choice.extra, ...fields };
    const tokens = decodeLogprobs(fields.logprobsResult);
    if (tokens !== undefined) emit({ type: 'logprobs', index: textRun(choice, emit).index, tokens });
    if (after === undefined && fields.citationMetadata === undefined) return;
    decodeCitations(candidate, bounds, () => {
      const run = textRun(choice, emit);
      run.places ??= textPlaces();
      return {
        text: run.text,
        places: run.places,
        cite(citation) {
          const key = `${citation.url} ${citation.title} ${citation.start} ${citation.end}`;
          if (choice.cited.has(key)) return;
          choice.cited.add(key);
          emit({ type: 'citation', index: run.index, citation });
        },
      };
    });
  }

  function finishChoice(choice: Choice, emit: Emit): void {
    endCall(choice, emit, choice.finish !== 'STOP');
    endRun(choice, emit);
    emit({
      type: 'finish',
      finish: decodeFinish(choice.finish, { finishMessage: choice.message }, choice.called),
      ...(choice.number > 0 && { choice: choice.number }),
      extra: toExtra({ ...(choice.number === 0 && extra), candidate: choice.extra ?? {} }),
    });
  }

  function readAround(answer: JsonObject): void {
    const fields = answerExtra(answer);
    if (fields !== undefined) extra = extra === undefined ? fields : { ...extra, ...fields };
    if (isObject(answer.usageMetadata)) usage = Object.assign(usage ?? {}, answer.usageMetadata);
    if (answer.promptFeedback !== undefined) blocked = blockReason(answer) ?? blocked;
  }

  return {
    push(chunk, emit) {
      if (over) return undefined;
      const answer = unwrapped(chunk);
      if (answer.error !== undefined && answer.candidates === undefined) {
        over = true;
        emit({ type: 'error', error: decodeErrorObject(undefined, answer) });
        return undefined;
      }
      calls ??= start(answer, emit);
      readAround(answer);
      const { candidates } = answer;
      if (!Array.isArray(candidates)) return undefined;
      for (let i = 0; i < candidates.length; i++) {
        const candidate = candidates[i];
        if (isObject(candidate)) addCandidate(candidate, i, emit);
      }
      const [only] = candidates;
      if (candidates.length !== 1 || !isObject(only)) return undefined;
      growing = choiceOf(placeOf(only.index, 0, bounds)).run;
      return growing === undefined || growing.signed ? undefined : textAlone(only, growing.type);
    },
    more(text, emit) {
      if (growing !== undefined) emitText(growing, text, undefined, emit);
    },
    readAround: (chunk) => readAround(unwrapped(chunk)),
    end(emit) {
      if (over) return;
      over = true;
      const counts = usage && decodeUsage(usage);
      if (counts !== undefined) emit({ type: 'usage', usage: counts });
      const finished = [...choices.values()].some((choice) => choice.finish !== undefined);
      if (!finished && blocked === undefined) return;
      for (const choice of choices.values()) finishChoice(choice, emit);
      if (choices.size === 0) {
        const finish = { reason: 'content-filter', native: blocked } as const;
        emit({ type: 'finish', finish, extra: toExtra(extra ?? {}) });
      }
      emit({ type: 'end' });
    },
  };
}

/** Whether a candidate has nothing beside its content that is new: most only repeat an index. */
function saysNothingNew({ extra }: Choice, candidate: JsonObject): boolean {
  for (const key in candidate) {
    if (key === 'content' || key === 'finishReason') continue;
    if (extra === undefined || extra[key] !== candidate[key]) return false;
  }
  return true;
}
