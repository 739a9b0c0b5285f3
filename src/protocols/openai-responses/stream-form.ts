/** What the bytes of this protocol's streams look like. */
import { endKindBy, firstEventByName, type StreamForm } from '../stream-form.ts';
import { encodeResponseError } from './errors.ts';

export const streamForm: StreamForm = {
  // A comment: WHATWG HTML §9.2.6.
  keepAlive: ': keep-alive\n\n',
  firstEvent: firstEventByName({
    // `keepalive` is of the Codex backend.
    announcing: new Set(['response.created', 'response.queued', 'response.in_progress', 'keepalive']),
    failing: new Set(['error', 'response.failed']),
    // `response.done` is the Codex backend's last event over the WebSocket, which may be its first.
    finishes: /"type"\s*:\s*"response\.(?:completed|incomplete|done)"/,
  }),
  // The last event repeats the whole answer, so its type may lie further back than what is looked at. Its usage does not, and no
  // other event has one that is not null; a status will not do, for items of the answer have theirs.
  endKind: endKindBy({
    complete:
      /"type"\s*:\s*"response\.(?:completed|incomplete|done)"|"usage"\s*:\s*\{(?:[^{}]|\{[^{}]*\})*"output_tokens"/,
    failed:
      /^event:\s*(?:error|response\.failed)\s*$|^data:\s*\{\s*"type"\s*:\s*"(?:error|response\.failed)"/m,
  }),
  errorEvent: 'error',
  answerMember: 'response',
  // OpenAI's `error` event is flat, unlike its error bodies.
  flatError: ({ code = null, message, param = null }, sequence) => ({
    ...{ type: 'error', code, message, param },
    sequence_number: sequence,
  }),
  responseError: encodeResponseError,
};
