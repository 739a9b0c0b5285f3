/**
 * Notifications (`LISTEN`) that outlast the server's restart and are known to have stopped: the runtime registers again after a
 * connection that was cut, but not one that is half open. So an own message goes round with each look, and where it did not
 * come back there is a new connection. What is not listened to is polled.
 */
import type { SQL } from 'bun';
import type { Clock } from '../../ground/clock.ts';
import { reasonOf } from '../../ground/reason.ts';

export interface Listener {
  listen(channel: string, onPayload: (payload: string) => void, onGap: () => void): () => void;
  /** Why it does not listen, in the server's words; undefined while it does, or has only begun to. */
  readonly problem: string | undefined;
  /** While there is a problem, a gap for each registration that is not listened to: to be called each second or so. */
  poll(): void;
  /** Looks whether the last message came round, and sends another. */
  check(): void;
  /** Begins with a new connection. */
  renew(): void;
  /** Ends the connection until `resume`: the server is away, and the runtime writes each of its own tries to standard error. */
  pause(): void;
  resume(): void;
  close(): void;
}

export interface ListenerOptions {
  /** Of this one nothing but listening is asked: it takes a single connection. */
  connect: () => SQL;
  /** Sends a message, over another connection. */
  announce: (channel: string, payload: string) => Promise<void>;
  /** Called when the problem is another one, or over. */
  onProblem: () => void;
  clock: Clock;
}

interface Registration {
  channel: string;
  onPayload: (payload: string) => void;
  onGap: () => void;
}

/** Milliseconds after a registration that failed until the next try. */
const retryDelay = 500;

/** It is paused at first. */
export function createListener({ connect, announce, onProblem, clock }: ListenerOptions): Listener {
  const registrations = new Set<Registration>();
  const echo = `cpa_echo_${crypto.randomUUID().replaceAll('-', '')}`;
  let connection: SQL | undefined;
  /** The message that is going round. */
  let expected: string | undefined;
  let closed = false;
  let paused = true;
  let problem: string | undefined;
  /** The registrations that the server has confirmed on this connection. */
  const confirmed = new Set<Registration>();

  function say(next: string | undefined): void {
    if (closed || problem === next) return;
    problem = next;
    onProblem();
  }

  function opened(): SQL {
    if (connection !== undefined) return connection;
    connection = connect();
    const heard = (payload: string): void => {
      if (payload === expected) expected = undefined;
    };
    // What was sent before it listened does not come round.
    const forgotten = (): void => {
      expected = undefined;
    };
    register(connection, { channel: echo, onPayload: heard, onGap: forgotten });
    return connection;
  }

  function register(on: SQL, registration: Registration): void {
    const { channel, onPayload, onGap } = registration;
    const current = (): boolean => !closed && connection === on;
    const wanted = (): boolean => current() && (channel === echo || registrations.has(registration));
    on.listen(
      channel,
      (payload) => wanted() && onPayload(payload),
      () => {
        if (!wanted()) return;
        confirmed.add(registration);
        if ([...registrations].every((one) => confirmed.has(one))) say(undefined);
        onGap();
      },
    ).then(
      (subscription) => {
        if (current() && !wanted()) void subscription.unlisten().catch(() => {});
      },
      (error: unknown) => {
        if (wanted()) say(`it takes no listener: ${reasonOf(error)}`);
        clock.after(retryDelay, () => {
          if (wanted()) register(on, registration);
        });
      },
    );
  }

  function renew(): void {
    const before = connection;
    connection = undefined;
    expected = undefined;
    confirmed.clear();
    void before?.close({ timeout: 0 }).catch(() => {});
    if (closed || paused || registrations.size === 0) return;
    const on = opened();
    for (const registration of registrations) register(on, registration);
  }

  return {
    get problem() {
      return problem;
    },
    poll() {
      if (problem === undefined) return;
      for (const registration of registrations) if (!confirmed.has(registration)) registration.onGap();
    },
    listen(channel, onPayload, onGap) {
      const registration = { channel, onPayload, onGap };
      registrations.add(registration);
      if (!paused) register(opened(), registration);
      return () => {
        registrations.delete(registration);
        confirmed.delete(registration);
      };
    },
    check() {
      if (connection === undefined) return;
      if (expected !== undefined) return renew();
      const sent = crypto.randomUUID();
      expected = sent;
      void announce(echo, sent).catch(() => {
        // It was not sent: its absence means nothing.
        if (expected === sent) expected = undefined;
      });
    },
    renew,
    pause() {
      if (paused) return;
      paused = true;
      problem = undefined;
      renew();
    },
    resume() {
      if (!paused) return;
      paused = false;
      renew();
    },
    close() {
      closed = true;
      renew();
    },
  };
}
