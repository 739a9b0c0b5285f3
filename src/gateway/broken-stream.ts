import type { ProtocolError } from '../protocols/model.ts';

/** What a client is told when an answer that had begun cannot be finished. */
export const brokenStream: ProtocolError = {
  status: 502,
  kind: 'server',
  message: 'The upstream broke off before the answer was complete. Send the request again.',
  code: 'upstream_stream_broken',
};

/** How the record of a stream says that its client left. */
export const clientWentAway = 'the client went away';
