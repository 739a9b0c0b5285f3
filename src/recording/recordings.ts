/** The recording that an owner has asked for: one at a time, discarded when it is no longer queried. */
import type { RequestLog } from '../gateway/trace/request-log.ts';
import type { RecordedExchange } from './bundle.ts';
import { createRecorder, type Recorder, type RecorderOptions } from './recorder.ts';

export interface RecordingState {
  recording: string;
  wanted: number;
  ended: number;
  /** All that is over. */
  exchanges: RecordedExchange[];
}

export interface Recordings {
  /** Undefined where another one is under way. */
  start(count: number): RecordingState | undefined;
  /** How far it is; undefined for one that is not known, or was forgotten. */
  state(id: string, whole: boolean): RecordingState | undefined;
  end(id: string): void;
  /** Where the next request is written down; undefined while nothing is recorded. */
  log(): RequestLog | undefined;
}

/** Milliseconds after which a recording is discarded that was not queried. */
const forgottenAfter = 60_000;

export function createRecordings(
  options: Omit<RecorderOptions, 'count'> & { newId: () => string },
): Recordings {
  const { now, newId } = options;
  let current: { id: string; count: number; recorder: Recorder; askedAt: number } | undefined;

  function living() {
    if (current !== undefined && now() - current.askedAt > forgottenAfter) current = undefined;
    return current;
  }

  function stateOf({ id, count, recorder }: NonNullable<typeof current>, whole: boolean): RecordingState {
    return {
      recording: id,
      wanted: count,
      ended: recorder.ended(),
      exchanges: whole ? recorder.exchanges().filter((exchange) => exchange !== undefined) : [],
    };
  }

  return {
    start(count) {
      if (living() !== undefined) return undefined;
      current = { id: newId(), count, recorder: createRecorder({ ...options, count }), askedAt: now() };
      return stateOf(current, false);
    },
    state(id, whole) {
      const found = living();
      if (found?.id !== id) return undefined;
      found.askedAt = now();
      return stateOf(found, whole);
    },
    end(id) {
      if (current?.id === id) current = undefined;
    },
    log() {
      const found = living();
      return found?.recorder.wants() === true ? found.recorder : undefined;
    },
  };
}
