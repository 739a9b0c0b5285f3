/** Recordings: the next exchanges on both sides, for a bug report. */
import { z } from 'zod';
import type { RecordingState, Recordings } from '../recording/recordings.ts';
import { json, type Reply, refuse } from './reply.ts';
import { type Caller, type Route, route } from './route.ts';

export interface RecordingsDeps {
  recordings: () => Promise<Recordings>;
}

/** Exchanges of one recording: each may have megabytes. */
const mostExchanges = 20;

/** A recording has prompts in it, which no key of the management API shows: only its owner's own commands get one. */
function notHere({ key }: Caller): Reply | undefined {
  return key === 'control socket'
    ? undefined
    : refuse(403, 'Recordings are made on this computer: cli-proxy-api record.', { code: 'not_here' });
}

const unknown = 'There is no such recording, or it was not polled for a minute.';

export function recordingRoutes({ recordings }: RecordingsDeps): Route[] {
  return [
    route({
      method: 'POST',
      v0: 'recordings',
      answers: 'recording',
      refuses: { 400: ['bad_parameter'], 403: ['not_here'], 409: ['recording_under_way'] },
      sentence:
        'Keeps the next `count` requests (1) on both sides, without secrets, until they are fetched: for a bug report. Over the control socket only, for `cli-proxy-api record`.',
      query: z.object({ count: z.string().optional() }),
      async run({ query, caller }) {
        const refused = notHere(caller);
        if (refused !== undefined) return refused;
        const count = query.count === undefined ? 1 : Number(query.count);
        if (!Number.isInteger(count) || count < 1 || count > mostExchanges)
          return refuse(400, `count is a whole number from 1 to ${mostExchanges}.`, {
            code: 'bad_parameter',
          });
        const started = (await recordings()).start(count);
        return started === undefined
          ? refuse(409, 'A recording is under way already.', { code: 'recording_under_way' })
          : answer(started, 'a recording was started');
      },
    }),
    route({
      method: 'GET',
      v0: 'recordings/:id',
      answers: 'recording',
      refuses: { 403: ['not_here'], 404: ['recording_not_found'] },
      sentence: 'How far a recording is; with `whole=true` what is in it. Over the control socket alone.',
      query: z.object({ whole: z.string().optional() }),
      async run({ parameter, query, caller }) {
        const refused = notHere(caller);
        if (refused !== undefined) return refused;
        const state = (await recordings()).state(parameter('id'), query.whole === 'true');
        return state === undefined ? refuse(404, unknown, { code: 'recording_not_found' }) : answer(state);
      },
    }),
    route({
      method: 'DELETE',
      v0: 'recordings/:id',
      answers: 'done',
      refuses: { 403: ['not_here'] },
      sentence: 'Forgets a recording. Over the control socket alone.',
      async run({ parameter, caller }) {
        const refused = notHere(caller);
        if (refused !== undefined) return refused;
        (await recordings()).end(parameter('id'));
        return json({ status: 'ok' });
      },
    }),
  ];
}

function answer(state: RecordingState, changed?: string) {
  return json(state, { changed });
}
