/**
 * Notifications (`LISTEN`) that outlast the server's restart and are known to have stopped: the runtime registers again after a
 * connection that was cut, but one that is half open says nothing. So an own message goes round with each look, and where it did not
 * come back there is a new connection.
 */
import type { SQL } from 'bun';
import type { Timers } from '../../ground/timers.ts';

export interface Listener {
  listen(channel: string, onPayload: (payload: string) => void, onGap: () => void): () => void;
  /** Looks whether the last message came round, and sends another. */
  check(): void;
  /** Begins with a new connection. */
  renew(): void;
  close(): void;
}

export interface ListenerOptions {
  connect: () => SQL;
  timers: Timers;
}

interface Registration {
  channel: string;
  onPayload: (payload: string) => void;
  onGap: () => void;
}

/** Milliseconds after a registration that failed until the next try. */
const retryDelay = 500;

export function createListener({ connect, timers }: ListenerOptions): Listener {
  const registrations = new Set<Registration>();
  const echo = `cpa_echo_${crypto.randomUUID().replaceAll('-', '')}`;
  let connection: SQL | undefined;
  /** The message that is going round. */
  let expected: string | undefined;
  let closed = false;

  function opened(): SQL {
    if (connection !== undefined) return connection;
    connection = connect();
    const heard = (payload: string): void => {
      if (payload === expected) expected = undefined;
    };
    register(connection, { channel: echo, onPayload: heard, onGap() {} });
    return connection;
  }

  function register(on: SQL, registration: Registration): void {
    const { channel, onPayload, onGap } = registration;
    const current = (): boolean => !closed && connection === on;
    const wanted = (): boolean => current() && (channel === echo || registrations.has(registration));
    on.listen(
      channel,
      (payload) => wanted() && onPayload(payload),
      () => wanted() && onGap(),
    ).then(
      (subscription) => {
        if (current() && !wanted()) void subscription.unlisten().catch(() => {});
      },
      () => {
        timers.after(retryDelay, () => {
          if (wanted()) register(on, registration);
        });
      },
    );
  }

  function renew(): void {
    const before = connection;
    connection = undefined;
    expected = undefined;
    void before?.close({ timeout: 0 }).catch(() => {});
    if (closed || registrations.size === 0) return;
    const on = opened();
    for (const registration of registrations) register(on, registration);
  }

  return {
    listen(channel, onPayload, onGap) {
      const registration = { channel, onPayload, onGap };
      registrations.add(registration);
      register(opened(), registration);
      return () => void registrations.delete(registration);
    },
    check() {
      if (connection === undefined) return;
      if (expected !== undefined) return renew();
      expected = crypto.randomUUID();
      void connection.notify(echo, expected).catch(() => {});
    },
    renew,
    close() {
      closed = true;
      renew();
    },
  };
}
