/** What holds of every answer that is read, whichever codec reads it: its text is text, it has a start, and its end fits its content. */
import { type AnswerBounds, countItems, usualAnswerBounds } from './answer-bounds.ts';
import { type Codec, type DecodeContext, type Emit, isProtocolError, type StreamDecoder } from './codec.ts';
import { cutFinish, endsEarly, isCutJson, isOpenEnded } from './cut-call.ts';
import type {
  Finish,
  OtherAnswer,
  Part,
  ProtocolError,
  Response,
  StreamEvent,
  ToolCallPart,
} from './model.ts';
import { mendedEscapes, mendStrings, openEscape, wholeEnd } from './well-formed.ts';

/** The codec, with answers that are settled as they are read. */
export function settled(codec: Codec): Codec {
  const { decodeChunks } = codec;
  return {
    ...codec,
    decodeResponse: (body, context) => settledResponse(codec.decodeResponse(body, context)),
    ...(decodeChunks && {
      decodeChunks: (chunks, context: DecodeContext) => settledResponse(decodeChunks(chunks, context)),
    }),
    streamDecoder: (context) =>
      settledStream(codec.streamDecoder(context), context.bounds ?? usualAnswerBounds),
  };
}

/** The reason that the content shows: agents go on after an answer that ended to call tools, and wait for calls there. */
function settledFinish(finish: Finish, called: boolean): Finish {
  switch (finish.reason) {
    case 'stop':
    case 'stop-sequence':
    case 'other':
      return called ? { ...finish, reason: 'tool-calls' } : finish;
    case 'tool-calls':
      return called ? finish : { ...finish, reason: 'stop' };
    default:
      return finish;
  }
}

// ---------------------------------------------------------------- whole answers

function settledResponse(response: Response | ProtocolError): Response | ProtocolError {
  if (isProtocolError(response)) {
    mendStrings(response);
    return response;
  }
  settleAnswer(response);
  response.others?.forEach(settleAnswer);
  return response;
}

function settleAnswer(answer: Response | OtherAnswer): void {
  const { parts } = answer;
  parts.forEach(mendPart);
  const finish = settledFinish(
    answer.finish,
    parts.some((part) => part.type === 'tool-call'),
  );
  let cut = false;
  for (const part of parts) {
    if (part.type !== 'tool-call') continue;
    part.cut ??= isCut(part.kind, part.input, part === parts.at(-1) && endsEarly(finish)) || undefined;
    if (part.cut === undefined) delete part.cut;
    else cut = true;
  }
  answer.finish = cut ? cutFinish(finish) : finish;
}

/** `last`: the answer ended early, and this is the last of it. */
function isCut(kind: ToolCallPart['kind'], input: string, last: boolean): boolean {
  return isOpenEnded(kind, input) ? last : kind === 'function' && isCutJson(input);
}

function mendPart(part: Part): void {
  mendStrings(part);
  if (isJsonCall(part)) part.input = mendedEscapes(part.input);
}

function isJsonCall(part: Part): part is Extract<Part, { type: 'tool-call' }> {
  return part.type === 'tool-call' && part.kind === 'function';
}

// ---------------------------------------------------------------- streams

function settledStream(decoder: StreamDecoder, bounds: AnswerBounds): StreamDecoder {
  let out: Emit = () => {};
  const settle = settling((event) => out(event), bounds);
  const { decodeKnown } = decoder;
  return {
    decode(event, emit) {
      out = emit;
      decoder.decode(event, settle);
    },
    ...(decodeKnown && {
      decodeKnown(stream: string, at: number, emit: Emit) {
        out = emit;
        return decodeKnown(stream, at, settle);
      },
    }),
    end(emit) {
      out = emit;
      decoder.end(settle);
    },
  };
}

/** A call of a stream, with the input that has come. */
interface GrowingCall {
  kind: ToolCallPart['kind'];
  choice: number;
  chunks: string[];
}

/**
 * Takes the events of one stream. Of a text that ends in half a character the half waits for the rest of it; the end of a
 * call waits for what follows where only that shows whether the call is whole.
 */
function settling(emit: Emit, bounds: AnswerBounds): Emit {
  /** Parts that have begun. */
  let begun = 0;
  /** Halves, by the index of their part. */
  const halves = new Map<number, string>();
  /** Parts whose text is JSON, which has half characters as escapes, too. */
  const jsonCalls = new Set<number>();
  /** Choices that have called tools. */
  const called = new Set<number>();
  const calls = new Map<number, GrowingCall>();
  /** The text part that the last deltas were of: it is open, no call, and nothing of it waits. */
  let plainText = -1;
  /** Choices with a call that is cut. */
  const cut = new Set<number>();
  /** The part that began last, and how the answer ended, of each choice. */
  const latest = new Map<number, number>();
  const ended = new Map<number, Finish>();
  let started = false;
  /** Parts that have begun and not ended. */
  const open = new Set<number>();
  /** The end of a call that waits. */
  let waiting: { index: number; choice: number } | undefined;

  /** Ends a call, now or later; false for parts of other kinds. */
  function endCall({ index, cut: said }: Extract<StreamEvent, { type: 'part-end' }>): boolean {
    const call = calls.get(index);
    if (call === undefined) return false;
    calls.delete(index);
    const input = call.chunks.join('');
    const { choice } = call;
    const last = latest.get(choice) === index;
    const finish = ended.get(choice);
    if (said === undefined && last && finish === undefined && isOpenEnded(call.kind, input)) {
      waiting = { index, choice };
      return true;
    }
    tellEnd(
      index,
      choice,
      said ?? isCut(call.kind, input, last && finish !== undefined && endsEarly(finish)),
    );
    return true;
  }

  function tellEnd(index: number, choice: number, isCutCall: boolean): void {
    if (isCutCall) cut.add(choice);
    emit({ type: 'part-end', index, ...(isCutCall && { cut: true }) });
  }

  /** Ends the call that waits; with the end of its choice, where that is what came. */
  function endWaiting(choice?: number, finish?: Finish): void {
    if (waiting === undefined) return;
    const { index, choice: own } = waiting;
    waiting = undefined;
    tellEnd(index, own, own === choice && finish !== undefined && endsEarly(finish));
  }

  function grow(event: Extract<StreamEvent, { type: 'delta' }>): void {
    const { index } = event;
    if (calls.size > 0) calls.get(index)?.chunks.push(event.text);
    const json = jsonCalls.size > 0 && jsonCalls.has(index);
    const plain = event.text.isWellFormed() && !(json && event.text.includes('\\'));
    if (plain && (halves.size === 0 || !halves.has(index))) {
      if (!json && !calls.has(index)) plainText = index;
      emit(event);
      return;
    }
    const text = (halves.get(index) ?? '') + event.text;
    const open = json ? openEscape(text) : text.length;
    const end = open < text.length ? open : wholeEnd(text);
    if (end < text.length) halves.set(index, text.slice(end));
    else halves.delete(index);
    tell(index, text.slice(0, end));
  }

  function tell(index: number, text: string): void {
    const mended = text.toWellFormed();
    if (mended.length > 0)
      emit({ type: 'delta', index, text: jsonCalls.has(index) ? mendedEscapes(mended) : mended });
  }

  /** What has waited stays alone. */
  function giveUp(index: number): void {
    const half = halves.get(index);
    if (half === undefined) return;
    halves.delete(index);
    tell(index, half);
  }

  function finishChoice(event: Extract<StreamEvent, { type: 'finish' }>): void {
    const choice = event.choice ?? 0;
    const finish = settledFinish(event.finish, called.has(choice));
    ended.set(choice, finish);
    endWaiting(choice, finish);
    emit({ ...event, finish: cut.has(choice) ? cutFinish(finish) : finish });
  }

  /** Servers that leave the first event of their protocol out have no less of an answer. */
  function start(): void {
    started = true;
    emit({ type: 'start', id: '', model: '' });
  }

  function end(event: Extract<StreamEvent, { type: 'part-end' }>): void {
    open.delete(event.index);
    giveUp(event.index);
    jsonCalls.delete(event.index);
    if (!endCall(event)) emit(event);
  }

  return (event) => {
    if (event.type !== 'delta') plainText = -1;
    switch (event.type) {
      case 'delta':
        // Nearly all events: text of the part that the last ones were of.
        if (event.index === plainText && event.text.isWellFormed()) emit(event);
        else if (open.has(event.index)) {
          plainText = -1;
          grow(event);
        }
        return;
      case 'part-start':
        countItems(++begun, bounds);
        if (!started) start();
        endWaiting();
        // A place that is taken anew: what stood there has ended.
        if (open.has(event.index)) end({ type: 'part-end', index: event.index });
        open.add(event.index);
        mendStrings(event.part);
        latest.set(event.choice ?? 0, event.index);
        if (event.part.type === 'tool-call') {
          const { kind, input } = event.part;
          const choice = event.choice ?? 0;
          called.add(choice);
          calls.set(event.index, { kind, choice, chunks: input === '' ? [] : [input] });
        }
        if (isJsonCall(event.part)) jsonCalls.add(event.index);
        break;
      case 'part-end':
        if (open.has(event.index)) end(event);
        return;
      case 'citation':
      case 'logprobs':
      case 'error':
        if (event.type === 'error') endWaiting();
        mendStrings(event);
        break;
      case 'finish':
        if (!started) start();
        finishChoice(event);
        return;
      case 'end':
        if (!started) start();
        endWaiting();
        for (const index of halves.keys()) giveUp(index);
        break;
      case 'start':
        started = true;
        break;
      case 'signature':
      case 'usage':
        break;
    }
    emit(event);
  };
}
