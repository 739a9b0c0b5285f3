/** Alerts to the owner's webhook: in the background, in order, with a bounded number of tries. */
import { createHmac } from 'node:crypto';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../telemetry/log.ts';
import {
  type Alert,
  type AlertState,
  alertChanges,
  type Condition,
  type KnownAlert,
  keyOf,
} from './alert-changes.ts';

/** Which of several replicas sends an alert to an address. */
export interface AlertClaim {
  /** `mine`: this process sends it, and reports the result. `taken`: another is about to, and may die before it has. */
  take(alert: Alert, url: string): Promise<'mine' | 'taken' | 'sent'>;
  /** `settled`: no other process needs to try. */
  end(alert: Alert, url: string, settled: boolean): Promise<void>;
}

export interface AlertOptions {
  conditions: () => readonly Condition[];
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  log: Pick<Log, 'warn'>;
  clock: Clock;
  /** Of a cluster, whose replicas all see the same; without it every alert is sent. */
  claim?: AlertClaim | undefined;
  /** Something was alerted, or is over. */
  onChange?: () => void;
}

export interface Alerts {
  configure(settings: Config['alerts']): void;
  /** What has been alerted; what no webhook has taken yet is as if it had not been. */
  known(): KnownAlert[];
  /** Takes over what an earlier run has alerted. */
  restore(known: readonly KnownAlert[]): void;
  /** Waits a moment for the webhook's answer to what it has been sent, so that it is known whether it has that. */
  close(): Promise<void>;
}

/** Milliseconds between two looks. */
const lookEvery = 30_000;
/** Milliseconds until the first look: by then accounts and cooldowns of an earlier run are known. */
const firstLook = 2000;
/** Milliseconds before each try of a delivery. */
const tries = [0, 2000, 15_000];
/** Milliseconds that one try may take, and a stop waits for the one that is under way. */
const tryTime = 10_000;
const longestStop = 2000;
/** Milliseconds at least until a webhook that did not answer is tried again, if the alert still holds then. */
const leastAgain = 60_000;
/** Milliseconds until it is looked whether another replica has sent what it took, and how often. */
const askAgain = 30_000;
const mostAsked = 4;
/** Alerts that wait for their delivery at most; beyond it the new ones come later. */
const mostWaiting = 100;

export function createAlerts({ conditions, fetch, log, clock, claim, onChange }: AlertOptions): Alerts {
  let settings: Config['alerts'] | undefined;
  let state: AlertState = new Map();
  let stop: (() => void) | undefined;
  let waiting = 0;
  /** The last alert of each thing, until a webhook has taken or refused it. */
  const newest = new Map<string, Alert>();
  let last: Promise<void> = Promise.resolve();
  /** The delivery of what has been sent and not answered. */
  let delivering: Promise<void> = Promise.resolve();
  let asking = false;

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
    const next = alertChanges(state, wanted, settings['min-interval'], clock.now());
    const changed = next.alerts.length > 0 || next.state.size !== state.size;
    state = next.state;
    for (const alert of next.alerts) {
      newest.set(keyOf(alert), alert);
      if (waiting < mostWaiting) enqueue(alert, clock.now(), 1);
      else later(alert, clock.now());
    }
    if (changed) onChange?.();
  }

  /** Once more when the webhook has had its time, if nothing has changed by then. */
  function later(alert: Alert, at: number): void {
    clock.after(Math.max(leastAgain, settings?.['min-interval'] ?? 0), () => enqueue(alert, at, 1));
  }

  function enqueue(alert: Alert, at: number, asked: number): void {
    waiting += 1;
    last = last
      .then(() => {
        delivering = deliver(alert, at, asked);
        return delivering;
      })
      .catch((error: unknown) => log.warn('an alert could not be delivered', { error: String(error) }))
      .finally(() => {
        waiting -= 1;
      });
  }

  async function deliver(alert: Alert, at: number, asked: number): Promise<void> {
    const url = settings?.url;
    // A later event has more.
    if (url === undefined || newest.get(keyOf(alert)) !== alert) return;
    const claimed = (await claim?.take(alert, url)) ?? 'mine';
    if (claimed === 'taken' && asked < mostAsked) {
      clock.after(askAgain, () => enqueue(alert, at, asked + 1));
      return;
    }
    if (claimed === 'mine') {
      const settled = await post(alert, at);
      await claim?.end(alert, url, settled);
      if (!settled) {
        if (settings?.url !== undefined) later(alert, at);
        return;
      }
    }
    if (newest.get(keyOf(alert)) !== alert) return;
    newest.delete(keyOf(alert));
    onChange?.();
  }

  /** Whether it was delivered, or never will be. */
  async function post(alert: Alert, at: number): Promise<boolean> {
    const { kind, state: firing, subject, message } = alert;
    const body = JSON.stringify({ kind, state: firing, subject, message, at: new Date(at).toISOString() });
    let problem = '';
    let final = false;
    for (const pause of tries) {
      if (pause > 0) await clock.wait(pause);
      // A configuration without alerts, or the end of the gateway, ends what waits.
      if (settings?.url === undefined) return false;
      asking = true;
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
        if (status < 300) return true;
        problem = `status ${status}`;
        final = status < 500 && status !== 429 && status !== 408;
        if (final) break;
      } catch {
        // The error may hold the address, and that a secret.
        problem = 'no answer';
      } finally {
        asking = false;
      }
    }
    log.warn('an alert could not be delivered', { kind, problem });
    return final;
  }

  return {
    configure(next) {
      settings = next;
      if (next.url === undefined) {
        stop?.();
        stop = undefined;
        state = new Map();
        newest.clear();
        onChange?.();
      } else if (stop === undefined) {
        const endFirst = clock.after(firstLook, look);
        const endEvery = clock.every(lookEvery, look);
        stop = () => {
          endFirst();
          endEvery();
        };
      }
    },
    known: () =>
      [...state.values()].flatMap((one) => {
        const waits = newest.get(keyOf(one.condition));
        if (waits === undefined) return [one];
        return waits.state === 'firing' ? [] : [{ ...one, firing: true }];
      }),
    restore(known) {
      state = new Map([...known.map((one) => [keyOf(one.condition), one] as const), ...state]);
    },
    async close() {
      stop?.();
      settings = undefined;
      if (!asking) return;
      let callOff: (() => void) | undefined;
      const late = new Promise<void>((resolve) => {
        callOff = clock.after(longestStop, resolve);
      });
      await Promise.race([delivering.catch(() => {}), late]);
      callOff?.();
    },
  };
}
