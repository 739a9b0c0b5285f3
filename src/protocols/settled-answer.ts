/** What holds of every answer that is read, whichever codec reads it: its text is text, and its end fits its content. */
import { type Codec, type DecodeContext, type Emit, isProtocolError, type StreamDecoder } from './codec.ts';
import type { Finish, OtherAnswer, Part, ProtocolError, Response, StreamEvent } from './model.ts';
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
    streamDecoder: (context) => settledStream(codec.streamDecoder(context)),
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
  answer.parts.forEach(mendPart);
  answer.finish = settledFinish(
    answer.finish,
    answer.parts.some((part) => part.type === 'tool-call'),
  );
}

function mendPart(part: Part): void {
  mendStrings(part);
  if (isJsonCall(part)) part.input = mendedEscapes(part.input);
}

function isJsonCall(part: Part): part is Extract<Part, { type: 'tool-call' }> {
  return part.type === 'tool-call' && part.kind === 'function';
}

// ---------------------------------------------------------------- streams

function settledStream(decoder: StreamDecoder): StreamDecoder {
  let out: Emit = () => {};
  const settle = settling((event) => out(event));
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

/** Takes the events of one stream. Of a text that ends in half a character the half waits for the rest of it. */
function settling(emit: Emit): Emit {
  /** Halves, by the index of their part. */
  const halves = new Map<number, string>();
  /** Parts whose text is JSON, which has half characters as escapes, too. */
  const jsonCalls = new Set<number>();
  /** Choices that have called tools. */
  const called = new Set<number>();

  function grow(event: Extract<StreamEvent, { type: 'delta' }>): void {
    const { index } = event;
    const json = jsonCalls.size > 0 && jsonCalls.has(index);
    const plain = event.text.isWellFormed() && !(json && event.text.includes('\\'));
    if (plain && (halves.size === 0 || !halves.has(index))) {
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

  return (event) => {
    switch (event.type) {
      case 'delta':
        grow(event);
        return;
      case 'part-start':
        mendStrings(event.part);
        if (event.part.type === 'tool-call') called.add(event.choice ?? 0);
        if (isJsonCall(event.part)) jsonCalls.add(event.index);
        break;
      case 'part-end':
        giveUp(event.index);
        jsonCalls.delete(event.index);
        break;
      case 'citation':
      case 'logprobs':
      case 'error':
        mendStrings(event);
        break;
      case 'finish':
        emit({ ...event, finish: settledFinish(event.finish, called.has(event.choice ?? 0)) });
        return;
      case 'end':
        for (const index of halves.keys()) giveUp(index);
        break;
      case 'start':
      case 'signature':
      case 'usage':
        break;
    }
    emit(event);
  };
}
