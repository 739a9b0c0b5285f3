/**
 * What holds of every answer that is read, whichever codec reads it: it is no more than the bounds allow, a field that cannot
 * be read makes it a broken one, and it is settled.
 */

import type { Response } from './answer.ts';
import {
  type AnswerBounds,
  BeyondAnswer,
  beyondError,
  checkNesting,
  checkWeight,
  countItems,
  itemsIn,
  usualAnswerBounds,
} from './answer-bounds.ts';
import type { Codec, DecodeContext, Emit, StreamDecoder } from './codec.ts';
import { InvalidRequest } from './invalid-request.ts';
import type { Json } from './json.ts';
import type { ProtocolError } from './protocol-error.ts';
import { settledResponse, settling } from './settled-answer.ts';

/** The codec, for which an answer that is not what it must be is one that the upstream has broken, never the client's fault. */
export function checked(codec: Codec): Codec {
  const { decodeChunks } = codec;
  return {
    ...codec,
    decodeResponse: (body, context) =>
      read(context, () => {
        check(body, context);
        return codec.decodeResponse(body, context);
      }),
    ...(decodeChunks && {
      decodeChunks: (chunks: readonly Json[], context: DecodeContext) =>
        read(context, () => {
          for (const chunk of chunks) check(chunk, context);
          return decodeChunks(chunks, context);
        }),
    }),
    streamDecoder: (context) =>
      checkedStream(codec.streamDecoder(context), context.bounds ?? usualAnswerBounds),
  };
}

function check(body: Json, { bounds = usualAnswerBounds }: DecodeContext): void {
  countItems(itemsIn(body), bounds);
  checkNesting(body, bounds);
}

function read(
  { bounds = usualAnswerBounds }: DecodeContext,
  decode: () => Response | ProtocolError,
): Response | ProtocolError {
  try {
    return settledResponse(decode(), bounds);
  } catch (error) {
    return error instanceof BeyondAnswer ? beyondError(error) : settledResponse(illegible(error), bounds);
  }
}

/** Throws what is no word about a field. */
function illegible(error: unknown): ProtocolError {
  if (!(error instanceof InvalidRequest)) throw error;
  return {
    status: 502,
    kind: 'server',
    message: `The upstream's answer cannot be read: ${error.message}`,
    code: 'invalid_response',
  };
}

/** One pass for all of it: nearly every event is a few letters of text, and each call on its way is felt. */
function checkedStream(decoder: StreamDecoder, bounds: AnswerBounds): StreamDecoder {
  let over = false;
  let out: Emit = () => {};
  const settle = settling((event) => out(event), bounds);
  const { decodeKnown } = decoder;

  function fail(error: unknown): void {
    over = true;
    if (error instanceof BeyondAnswer) out({ type: 'error', error: beyondError(error) });
    else settle({ type: 'error', error: illegible(error) });
  }

  return {
    decode(event, emit) {
      if (over) return;
      out = emit;
      try {
        if (event.value === undefined) checkWeight(event.data, bounds);
        decoder.decode(event, settle);
      } catch (error) {
        fail(error);
      }
    },
    ...(decodeKnown && {
      decodeKnown(stream: string, at: number, emit: Emit) {
        if (over) return -1;
        out = emit;
        try {
          return decodeKnown(stream, at, settle);
        } catch (error) {
          fail(error);
          return -1;
        }
      },
    }),
    end(emit) {
      if (over) return;
      out = emit;
      try {
        decoder.end(settle);
      } catch (error) {
        fail(error);
      }
    },
  };
}
