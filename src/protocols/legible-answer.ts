/** What holds of every answer that is read, whichever codec reads it: a field that cannot be read makes it a broken one. */
import type { Codec, DecodeContext, Emit, StreamDecoder } from './codec.ts';
import { InvalidRequest, type Json } from './json.ts';
import type { ProtocolError } from './model.ts';

/** The codec, for which a field of an answer that is not what it must be is the upstream's fault, never the client's. */
export function legible(codec: Codec): Codec {
  const { decodeChunks } = codec;
  return {
    ...codec,
    decodeResponse: (body, context) => reading(() => codec.decodeResponse(body, context)),
    ...(decodeChunks && {
      decodeChunks: (chunks: readonly Json[], context: DecodeContext) =>
        reading(() => decodeChunks(chunks, context)),
    }),
    streamDecoder: (context) => legibleStream(codec.streamDecoder(context)),
  };
}

function reading<T>(read: () => T): T | ProtocolError {
  try {
    return read();
  } catch (error) {
    return illegible(error);
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

function legibleStream(decoder: StreamDecoder): StreamDecoder {
  let failed = false;
  const { decodeKnown } = decoder;

  function end(error: unknown, emit: Emit): void {
    failed = true;
    emit({ type: 'error', error: illegible(error) });
  }

  return {
    decode(event, emit) {
      if (failed) return;
      try {
        decoder.decode(event, emit);
      } catch (error) {
        end(error, emit);
      }
    },
    ...(decodeKnown && {
      decodeKnown: (stream: string, at: number, emit: Emit) => (failed ? -1 : decodeKnown(stream, at, emit)),
    }),
    end(emit) {
      if (failed) return;
      try {
        decoder.end(emit);
      } catch (error) {
        end(error, emit);
      }
    },
  };
}
