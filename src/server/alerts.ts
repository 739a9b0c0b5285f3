/** Alerts to the owner's webhook: in the background, in order, with a bounded number of tries. */
import { createHmac } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import type { Timers } from '../ground/timers.ts';
import type { Log } from '../telemetry/log.ts';
import {
  type Alert,
  type AlertState,
  alertChanges,
  type Condition,
  type KnownAlert,
  keyOf,
} from './alert-changes.ts';

/** Whether this process is the one that sends an alert to this address. */
export type AlertClaim = (alert: Alert, url: string) => Promise<boolean>;

export interface AlertOptions {
  conditions: () => readonly Condition[];
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  log: Pick<Log, 'warn'>;
  timers: Timers;
  wait: (ms: number) => Promise<void>;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Of a cluster, whose replicas all see the same; without it every alert is sent. */
  claim?: AlertClaim | undefined;
  /** Something was alerted, or is over. */
  onChange?: () => void;
}

export interface Alerts {
  configure(settings: Config['alerts']): void;
  /** What has been alerted. */
  known(): KnownAlert[];
  /** Takes over what an earlier run has alerted. */
  restore(known: readonly KnownAlert[]): void;
  close(): void;
}

/** Milliseconds between two looks. */
const lookEvery = 30_000;
/** Milliseconds until the first look: by then accounts and cooldowns of an earlier run are known. */
const firstLook = 2000;
/** Milliseconds before each try of a delivery. */
const tries = [0, 2000, 15_000];
/** Milliseconds that one try may take. */
const tryTime = 10_000;
/** Alerts that wait for their delivery at most; beyond it the new ones are dropped, and the log says so. */
const mostWaiting = 100;

export function createAlerts({
  conditions,
  fetch,
  log,
  timers,
  wait,
  now,
  claim,
  onChange,
}: AlertOptions): Alerts {
  let settings: Config['alerts'] | undefined;
  let state: AlertState = new Map();
  let stop: (() => void) | undefined;
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  function look(): void {
    if (settings?.url === undefined) return;
    const { on } = settings;
    let wanted: Condition[];
    try {
      wanted = conditions().filter(({ kind }) => on.includes(kind));
    } catch (error) {
      // Nothing that is looked up for alerts may end the gateway.
      log.warn('alerts could not be looked up', { error: String(error) });
      return;
    }
    const next = alertChanges(state, wanted, settings['min-interval'], now());
    const changed = next.alerts.length > 0 || next.state.size !== state.size;
    state = next.state;
    if (changed) onChange?.();
    for (const alert of next.alerts) {
      if (waiting >= mostWaiting) {
        log.warn('an alert is dropped: too many wait for the webhook', { kind: alert.kind });
        continue;
      }
      waiting += 1;
      const at = now();
      last = last
        .then(() => deliver(alert, at))
        .finally(() => {
          waiting -= 1;
        });
    }
  }

  async function deliver(alert: Alert, at: number): Promise<void> {
    const { kind, state: firing, subject, message } = alert;
    if (settings?.url === undefined || (await claim?.(alert, settings.url)) === false) return;
    const body = JSON.stringify({ kind, state: firing, subject, message, at: new Date(at).toISOString() });
    let problem = '';
    for (const pause of tries) {
      if (pause > 0) await wait(pause);
      // A configuration without alerts, or the end of the gateway, ends what waits.
      if (settings?.url === undefined) return;
      try {
        const { status } = await fetch(settings.url, {
          method: 'POST',
          headers: {
            ...settings.headers,
            'content-type': 'application/json',
            ...(settings.secret !== undefined && {
              'x-signature-256': `sha256=${createHmac('sha256', settings.secret).update(body).digest('hex')}`,
            }),
          },
          body,
          redirect: 'manual',
          signal: AbortSignal.timeout(tryTime),
        });
        if (status < 300) return;
        problem = `status ${status}`;
        if (status < 500 && status !== 429 && status !== 408) break;
      } catch {
        // The error may hold the address, and that a secret.
        problem = 'no answer';
      }
    }
    log.warn('an alert could not be delivered', { kind, problem });
  }

  return {
    configure(next) {
      settings = next;
      if (next.url === undefined) {
        stop?.();
        stop = undefined;
        state = new Map();
        onChange?.();
      } else if (stop === undefined) {
        const endFirst = timers.after(firstLook, look);
        const endEvery = timers.every(lookEvery, look);
        stop = () => {
          endFirst();
          endEvery();
        };
      }
    },
    known: () => [...state.values()],
    restore(known) {
      state = new Map([...known.map((one) => [keyOf(one.condition), one] as const), ...state]);
    },
    close() {
      stop?.();
      settings = undefined;
    },
  };
}
