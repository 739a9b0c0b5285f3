/** What holds of every answer that is read, whichever codec reads it: its text is text, it has a start, and its end fits its content. */

import type { Finish, OtherAnswer, Response, StreamEvent } from './answer.ts';
import { type AnswerBounds, countItems, tooHeavy } from './answer-bounds.ts';
import { weighingCalls } from './answer-weight.ts';
import { type Emit, isProtocolError } from './codec.ts';
import { cutFinish, endsEarly, isCutJson, isOpenEnded } from './cut-call.ts';
import type { WeighsMore } from './json-weight.ts';
import type { Part, ToolCallPart } from './model.ts';
import { noAnswer } from './no-answer.ts';
import type { ProtocolError } from './protocol-error.ts';
import { mendedEscapes, mendStrings, openEscape, wholeEnd } from './well-formed.ts';

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

/** The answer with its parts and its end settled in place; an error with its text. Throws BeyondAnswer for calls of more values than are read. */
export function settledResponse(
  response: Response | ProtocolError,
  bounds: AnswerBounds,
): Response | ProtocolError {
  if (isProtocolError(response)) {
    mendStrings(response);
    return response;
  }
  const demandLight = lightCalls(bounds);
  response.parts.forEach(demandLight);
  response.others?.forEach(({ parts }) => {
    parts.forEach(demandLight);
  });
  settleAnswer(response);
  response.others?.forEach(settleAnswer);
  return response;
}

/** Of one answer after the other's part: throws BeyondAnswer for one call too many, before anybody reads what it is called with. */
function lightCalls({ values }: AnswerBounds): (part: Pick<ToolCallPart, 'kind' | 'input'> | Part) => void {
  let isTooMuch: WeighsMore | undefined;
  return (part) => {
    if (!('input' in part) || part.kind !== 'function') return;
    isTooMuch ??= weighingCalls(values);
    if (isTooMuch(part.input)) throw tooHeavy(values);
  };
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

/** A part that has begun and not ended. */
interface OpenPart {
  choice: number;
  /** What waits of its text: half a character, which may get its other half. */
  half: string;
  /** Its text is JSON, which has half characters as escapes, too. */
  json: boolean;
  /** Of a call: the input that has come. */
  call: { kind: ToolCallPart['kind']; chunks: string[] } | undefined;
}

interface OpenChoice {
  /** It has called tools. */
  called: boolean;
  /** One of its calls is cut. */
  cut: boolean;
  /** The part that began last, and how it ended. */
  latest: number | undefined;
  ended: Finish | undefined;
}

/**
 * Takes the events of one stream. Of a text that ends in half a character the half waits for the rest of it; the end of a
 * call waits for what follows where only that shows whether the call is whole.
 */
export function settling(emit: Emit, bounds: AnswerBounds): Emit {
  /** Parts that have begun. */
  let begun = 0;
  const open = new Map<number, OpenPart>();
  const choices = new Map<number, OpenChoice>();
  /** The text part that the last deltas were of: it is open, no call, and nothing of it waits. */
  let plainText = -1;
  let started = false;
  const demandLight = lightCalls(bounds);
  /** The end of a call that waits. */
  let waiting: { index: number; choice: number } | undefined;

  function choiceOf(choice: number): OpenChoice {
    let found = choices.get(choice);
    if (found === undefined) {
      found = { called: false, cut: false, latest: undefined, ended: undefined };
      choices.set(choice, found);
    }
    return found;
  }

  /** Ends a call, now or later; false for parts of other kinds. */
  function endCall(
    { index, cut: said }: Extract<StreamEvent, { type: 'part-end' }>,
    { choice, call }: OpenPart,
  ): boolean {
    if (call === undefined) return false;
    const input = call.chunks.join('');
    demandLight({ kind: call.kind, input });
    const { latest, ended } = choiceOf(choice);
    const last = latest === index;
    if (said === undefined && last && ended === undefined && isOpenEnded(call.kind, input)) {
      waiting = { index, choice };
      return true;
    }
    emitEnd(index, choice, said ?? isCut(call.kind, input, last && ended !== undefined && endsEarly(ended)));
    return true;
  }

  function emitEnd(index: number, choice: number, isCutCall: boolean): void {
    if (isCutCall) choiceOf(choice).cut = true;
    emit({ type: 'part-end', index, ...(isCutCall && { cut: true }) });
  }

  /** Ends the call that waits; with the end of its choice, where that is what came. */
  function endWaiting(choice?: number, finish?: Finish): void {
    if (waiting === undefined) return;
    const { index, choice: own } = waiting;
    waiting = undefined;
    emitEnd(index, own, own === choice && finish !== undefined && endsEarly(finish));
  }

  function grow(event: Extract<StreamEvent, { type: 'delta' }>, part: OpenPart): void {
    const { json, call } = part;
    call?.chunks.push(event.text);
    const plain = event.text.isWellFormed() && !(json && event.text.includes('\\'));
    if (plain && part.half === '') {
      if (call === undefined) plainText = event.index;
      emit(event);
      return;
    }
    const text = part.half + event.text;
    const complete = json ? openEscape(text) : text.length;
    const end = complete < text.length ? complete : wholeEnd(text);
    part.half = text.slice(end);
    emitText(event.index, text.slice(0, end), json);
  }

  function emitText(index: number, text: string, json: boolean): void {
    const mended = text.toWellFormed();
    if (mended.length > 0) emit({ type: 'delta', index, text: json ? mendedEscapes(mended) : mended });
  }

  /** What has waited stays alone. */
  function giveUp(index: number, part: OpenPart): void {
    const { half, json } = part;
    if (half === '') return;
    part.half = '';
    emitText(index, half, json);
  }

  function finishChoice(event: Extract<StreamEvent, { type: 'finish' }>): void {
    const index = event.choice ?? 0;
    const choice = choiceOf(index);
    const finish = settledFinish(event.finish, choice.called);
    choice.ended = finish;
    endWaiting(index, finish);
    emit({ ...event, finish: choice.cut ? cutFinish(finish) : finish });
  }

  /** Servers that leave the first event of their protocol out have no less of an answer. */
  function start(): void {
    started = true;
    emit({ type: 'start', id: '', model: '' });
  }

  function begin(event: Extract<StreamEvent, { type: 'part-start' }>): void {
    countItems(++begun, bounds);
    if (!started) start();
    endWaiting();
    const { index, part } = event;
    // A place that is taken anew: what stood there has ended, and its end waits for nothing.
    end({ type: 'part-end', index });
    endWaiting();
    mendStrings(part);
    const choice = event.choice ?? 0;
    const state = choiceOf(choice);
    state.latest = index;
    let call: OpenPart['call'];
    if (part.type === 'tool-call') {
      state.called = true;
      call = { kind: part.kind, chunks: part.input === '' ? [] : [part.input] };
    }
    open.set(index, { choice, half: '', json: isJsonCall(part), call });
    emit(event);
  }

  function end(event: Extract<StreamEvent, { type: 'part-end' }>): void {
    const part = open.get(event.index);
    if (part === undefined) return;
    open.delete(event.index);
    giveUp(event.index, part);
    if (!endCall(event, part)) emit(event);
  }

  function settle(event: StreamEvent): void {
    plainText = -1;
    switch (event.type) {
      case 'delta': {
        const part = open.get(event.index);
        if (part !== undefined) grow(event, part);
        return;
      }
      case 'part-start':
        begin(event);
        return;
      case 'part-end':
        end(event);
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
        // No part has begun and no choice has ended.
        if (choices.size === 0) {
          emit({ type: 'error', error: noAnswer('anything in it') });
          return;
        }
        if (!started) start();
        endWaiting();
        for (const [index, part] of open) giveUp(index, part);
        break;
      case 'start':
        started = true;
        break;
      case 'signature':
      case 'usage':
        break;
    }
    emit(event);
  }

  // Nearly all events are text of the part that the last ones were of; short, so that it becomes a part of its caller.
  return (event) => {
    if (event.type === 'delta' && event.index === plainText && event.text.isWellFormed()) emit(event);
    else settle(event);
  };
}
