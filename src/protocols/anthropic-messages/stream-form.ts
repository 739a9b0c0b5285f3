/** What the bytes of this protocol's streams look like. */
import { endKindBy, firstEventByName, type StreamForm } from '../stream-form.ts';

export const streamForm: StreamForm = {
  keepAlive: 'event: ping\ndata: {"type": "ping"}\n\n',
  firstEvent: firstEventByName({
    announcing: new Set(['message_start', 'ping']),
    failing: new Set(['error']),
    finishes: /"stop_reason"\s*:\s*["\d]|"type"\s*:\s*"message(?:_stop)?"/,
  }),
  endKind: endKindBy({
    complete: /"type"\s*:\s*"message_stop"/,
    failed: /^event:\s*error\s*$|^data:\s*\{\s*"type"\s*:\s*"error"/m,
  }),
  errorEvent: 'error',
};
