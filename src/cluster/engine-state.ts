/** Whether an engine answers, and who is notified when that changes. */
import type { Clock } from '../ground/clock.ts';
import type { Engine, EngineState } from './ports.ts';

export interface KeptEngineState extends Engine {
  /** `degraded`: what of it does not work, for people. */
  up(degraded?: string): void;
  /** `why` is for people: addresses and passwords are no part of it. Another reason is kept, and is no change. */
  down(why: string): void;
}

/** `now` is in ms since the epoch. It counts as down until it is reported up. */
export function engineState(now: Clock['now'], why: string): KeptEngineState {
  let state: EngineState = { kind: 'down', why, since: now() };
  const handlers = new Set<(state: EngineState) => void>();

  function put(next: EngineState): void {
    state = next;
    for (const handler of handlers) handler(next);
  }

  return {
    get state() {
      return state;
    },
    onState(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    up(degraded) {
      if (state.kind === 'up' && state.degraded === degraded) return;
      put(degraded === undefined ? { kind: 'up' } : { kind: 'up', degraded });
    },
    down(reason) {
      if (state.kind === 'up') put({ kind: 'down', why: reason, since: now() });
      else state = { ...state, why: reason };
    },
  };
}
