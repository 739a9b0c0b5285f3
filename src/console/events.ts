/** The console's event stream: state as it changes, in at most four frames a second, for as long as a page is open. */
import type { Timers } from '../ground/timers.ts';
import type { Live } from './live.ts';
import type { Frame, RequestRow } from './wire.ts';

export interface EventsSource {
  live: Live;
  timers: Pick<Timers, 'every'>;
  overview(): Promise<Frame['overview']>;
  running(): RequestRow[];
  accounts(): Frame['accounts'];
}

/** Milliseconds between frames, and between looks at what costs more. */
const frameTime = 250;
const stateTime = 2000;
const keepAliveTime = 15_000;
/** Requests in a frame; of more, the newest are shown and the page's totals still count all. */
const mostRows = 200;
/** Streams at once: each is a browser. */
const mostStreams = 32;

let open = 0;

/** Undefined where too many are open. The stream ends when its reader leaves. */
export function eventStream(source: EventsSource, signal: AbortSignal): Response | undefined {
  if (open >= mostStreams) return undefined;
  open += 1;
  const encoder = new TextEncoder();
  let ended: RequestRow[] = [];
  let sentRunning = '';
  let sentAccounts = '';
  let end: () => void = () => {};

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let number = 0;
      let sinceState = stateTime;
      let sinceSent = 0;
      let looking = false;
      const send = (text: string): void => {
        sinceSent = 0;
        controller.enqueue(encoder.encode(text));
      };
      const look = async (): Promise<void> => {
        // A reader that is slow gets fewer frames, each with all that has changed.
        if (looking || (controller.desiredSize ?? 0) <= 0) return;
        looking = true;
        try {
          const frame = await nextFrame(sinceState >= stateTime);
          if (sinceState >= stateTime) sinceState = 0;
          number += 1;
          if (Object.keys(frame).length > 0) send(`id: ${number}\ndata: ${JSON.stringify(frame)}\n\n`);
          else if (sinceSent >= keepAliveTime) send(': still here\n\n');
        } catch {
          end();
        } finally {
          looking = false;
        }
      };
      const stopLive = source.live.watch((row) => {
        ended.push(row);
        if (ended.length > mostRows) ended.shift();
      });
      const stopClock = source.timers.every(frameTime, () => {
        sinceState += frameTime;
        sinceSent += frameTime;
        void look();
      });
      end = () => {
        end = () => {};
        open -= 1;
        stopLive();
        stopClock();
        signal.removeEventListener('abort', end);
        try {
          controller.close();
        } catch {
          // Its reader has closed it.
        }
      };
      signal.addEventListener('abort', () => end());
      void look();
    },
    cancel: () => end(),
  });

  async function nextFrame(withState: boolean): Promise<Frame> {
    const frame: Frame = {};
    if (ended.length > 0) {
      frame.ended = ended;
      ended = [];
    }
    const running = source.running();
    const runningText = JSON.stringify(running);
    if (runningText !== sentRunning) {
      frame.running = running;
      sentRunning = runningText;
    }
    if (!withState) return frame;
    const overview = await source.overview();
    if (overview !== undefined) frame.overview = overview;
    const accounts = source.accounts();
    const accountsText = JSON.stringify(accounts);
    if (accounts !== undefined && accountsText !== sentAccounts) {
      frame.accounts = accounts;
      sentAccounts = accountsText;
    }
    return frame;
  }

  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
}
