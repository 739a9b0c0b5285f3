/** The error of a broken stream, in each protocol. */
import type { Protocol } from '../../protocols/model.ts';
import type { ProtocolError } from '../../protocols/protocol-error.ts';
import { codecs } from '../../protocols/registry.ts';
import { sseText } from '../../protocols/sse.ts';

/** What a client gets when an answer that had begun cannot be finished; `why` is a part of a sentence. */
export function brokenStream(why?: string): ProtocolError {
  const reason = why === undefined ? '' : `: ${why}`;
  return {
    status: why === undefined ? 502 : 504,
    kind: why === undefined ? 'server' : 'timeout',
    message: `The upstream broke off before the answer was complete${reason}. Send the request again.`,
    code: 'upstream_stream_broken',
  };
}

/** The error in the record of a stream whose client disconnected. */
export const clientWentAway = 'the client went away';

/** The protocol's own stream error, as one event of a stream that is not ours. */
export function streamError(protocol: Protocol, error: ProtocolError): string {
  const { encodeError, streamForm } = codecs[protocol];
  const data = streamForm.flatError?.(error, 0) ?? encodeError(error);
  return sseText(JSON.stringify(data), streamForm.errorEvent);
}
