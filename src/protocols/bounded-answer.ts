/** What holds of every answer that is read, whichever codec reads it: it is not more than the bounds allow. */
import {
  BeyondAnswer,
  beyondError,
  checkNesting,
  checkWeight,
  countItems,
  itemsIn,
  usualAnswerBounds,
} from './answer-bounds.ts';
import type { Codec, DecodeContext, Emit, StreamDecoder } from './codec.ts';
import type { Json } from './json.ts';
import type { ProtocolError } from './model.ts';

/** The codec, for which an answer beyond the bounds is one that the upstream has broken. */
export function bounded(codec: Codec): Codec {
  const { decodeChunks } = codec;
  return {
    ...codec,
    decodeResponse: (body, context) =>
      within(() => {
        check(body, context);
        return codec.decodeResponse(body, context);
      }),
    ...(decodeChunks && {
      decodeChunks: (chunks: readonly Json[], context: DecodeContext) =>
        within(() => {
          for (const chunk of chunks) check(chunk, context);
          return decodeChunks(chunks, context);
        }),
    }),
    streamDecoder: (context) => boundedStream(codec.streamDecoder(context), context.bounds),
  };
}

function check(body: Json, { bounds = usualAnswerBounds }: DecodeContext): void {
  countItems(itemsIn(body), bounds);
  checkNesting(body, bounds);
}

function within<T>(read: () => T): T | ProtocolError {
  try {
    return read();
  } catch (error) {
    if (error instanceof BeyondAnswer) return beyondError(error);
    throw error;
  }
}

/** Ends in an error what is too much; how many parts have begun is counted where they are settled. */
function boundedStream(decoder: StreamDecoder, bounds = usualAnswerBounds): StreamDecoder {
  let over = false;
  const { decodeKnown } = decoder;

  function end(error: unknown, emit: Emit): void {
    if (!(error instanceof BeyondAnswer)) throw error;
    over = true;
    emit({ type: 'error', error: beyondError(error) });
  }

  return {
    decode(event, emit) {
      if (over) return;
      try {
        checkWeight(event.data, bounds);
        decoder.decode(event, emit);
      } catch (error) {
        end(error, emit);
      }
    },
    ...(decodeKnown && {
      decodeKnown(stream: string, at: number, emit: Emit) {
        if (over) return -1;
        try {
          return decodeKnown(stream, at, emit);
        } catch (error) {
          end(error, emit);
          return -1;
        }
      },
    }),
    end(emit) {
      if (over) return;
      try {
        decoder.end(emit);
      } catch (error) {
        end(error, emit);
      }
    },
  };
}
