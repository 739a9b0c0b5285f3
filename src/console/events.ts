/**
 * The console's event stream: state as it changes, in at most four frames a second. What is looked at is looked at once for all
 * open consoles, and only while one is open.
 */
import type { Clock } from '../ground/clock.ts';
import { changesOf, type Look, newestOf, nothingSent, type Sent, together } from './frame.ts';
import type { Live } from './live.ts';
import type { Frame, RequestRow } from './wire.ts';

export interface EventsSource {
  live: Pick<Live, 'watch'>;
  clock: Pick<Clock, 'every'>;
  look(): Promise<Look>;
  running(): RequestRow[];
}

export interface Events {
  /** Undefined where too many are open, or the gateway stops. The stream ends when its reader leaves. */
  stream(signal: AbortSignal): Response | undefined;
  /** How many are open. */
  open(): number;
  /** Ends all streams: a gateway that stops waits for none. */
  end(): void;
}

/** Milliseconds between frames, and between looks at what costs more. */
const frameTime = 250;
const stateTime = 2000;
const keepAliveTime = 15_000;
/** Streams at once: each is a browser. */
const mostStreams = 32;

interface Reader {
  end(): void;
  /** Gives the frame to it, or keeps it with what it has not taken yet. `text` is that of the frame. */
  take(frame: Frame, text: () => Uint8Array): void;
  /** Another `frameTime` has passed in which nothing has changed. */
  idle(): void;
}

/** All that is known between two frames, while somebody reads. */
interface Watched {
  look: Look | undefined;
  sent: Sent;
  running: RequestRow[];
  runningText: string;
  ended: RequestRow[];
  stop(): void;
}

export function createEvents(source: EventsSource): Events {
  const readers = new Set<Reader>();
  let watched: Watched | undefined;
  let stopping = false;

  /** Begins to look with the first reader. */
  function watch(): Watched {
    let sinceState = stateTime;
    let looking = false;
    const stopLive = source.live.watch((row) => {
      state.ended = newestOf([...state.ended, row]);
    });
    const stopClock = source.clock.every(frameTime, () => {
      sinceState += frameTime;
      void next();
    });
    const state: Watched = {
      look: undefined,
      sent: nothingSent(),
      running: [],
      runningText: '',
      ended: [],
      stop() {
        stopLive();
        stopClock();
      },
    };

    async function next(): Promise<void> {
      if (looking) return;
      looking = true;
      try {
        const frame: Frame = {};
        if (sinceState >= stateTime) {
          sinceState = 0;
          state.look = await source.look();
          Object.assign(frame, changesOf(state.look, state.sent));
        }
        const running = source.running();
        const runningText = JSON.stringify(running);
        if (runningText !== state.runningText) {
          Object.assign(state, { running, runningText });
          frame.running = running;
        }
        if (state.ended.length > 0) {
          frame.ended = state.ended;
          state.ended = [];
        }
        // The last reader may have left meanwhile: what comes after belongs to others.
        if (watched === state) give(frame);
      } catch {
        // What could not be looked at now is looked at again: the streams go on.
      } finally {
        looking = false;
      }
    }
    void next();
    return state;
  }

  function give(frame: Frame): void {
    if (Object.keys(frame).length === 0) {
      for (const reader of readers) reader.idle();
      return;
    }
    let text: Uint8Array | undefined;
    for (const reader of readers)
      reader.take(frame, () => {
        text ??= encoded(frame);
        return text;
      });
  }

  /** What a console that opens now has to know; undefined before the first look. */
  function whole(): Frame | undefined {
    if (watched?.look === undefined) return undefined;
    return { ...changesOf(watched.look, nothingSent()), running: watched.running };
  }

  return {
    open: () => readers.size,
    end() {
      stopping = true;
      for (const reader of [...readers]) reader.end();
    },
    stream(signal) {
      if (stopping || readers.size >= mostStreams) return undefined;
      let end: () => void = () => {};
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          let behind: Frame | undefined;
          let silent = 0;
          const isFree = (): boolean => (controller.desiredSize ?? 0) > 0;
          const send = (bytes: Uint8Array): void => {
            silent = 0;
            try {
              controller.enqueue(bytes);
            } catch {
              end();
            }
          };
          const reader: Reader = {
            end: () => end(),
            take(frame, text) {
              // A reader that is slow gets fewer frames, each with all that has changed.
              if (behind === undefined && isFree()) return send(text());
              behind = together(behind, frame);
              this.idle();
            },
            idle() {
              if (behind !== undefined && isFree()) {
                const late = behind;
                behind = undefined;
                return send(encoded(late));
              }
              silent += frameTime;
              if (silent >= keepAliveTime) send(keepAlive);
            },
          };
          end = () => {
            end = () => {};
            readers.delete(reader);
            signal.removeEventListener('abort', leave);
            if (readers.size === 0) {
              watched?.stop();
              watched = undefined;
            }
            try {
              controller.close();
            } catch {
              // Its reader has closed it.
            }
          };
          const leave = (): void => end();
          signal.addEventListener('abort', leave);
          const known = whole();
          readers.add(reader);
          if (known !== undefined) send(encoded(known));
          watched ??= watch();
        },
        cancel: () => end(),
      });
      return new Response(body, {
        headers: {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        },
      });
    },
  };
}

const encoder = new TextEncoder();
const keepAlive = encoder.encode(': still here\n\n');

function encoded(frame: Frame): Uint8Array {
  return encoder.encode(`data: ${JSON.stringify(frame)}\n\n`);
}
