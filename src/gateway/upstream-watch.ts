/** Ends calls to upstreams that do not connect, do not begin, or stop in the middle. */
import { connect } from 'node:net';
import type { Config } from '../config/schema.ts';
import { spanText } from '../credentials/cooldown-table.ts';
import type { ChunkReader } from './answer.ts';

/** Milliseconds; 0 means no limit. */
export interface CallLimits {
  /** Until there is a connection. */
  connect: number;
  /** Until the first event of a stream. */
  firstByte: number;
  /** Between two pieces of a stream. */
  stall: number;
  /** Until an answer that does not stream is there. */
  whole: number;
}

const noLimits: CallLimits = { connect: 0, firstByte: 0, stall: 0, whole: 0 };

/** The limits for each provider; without a configuration there are none. */
export function callLimits(timeouts: Config['timeouts'] | undefined): (provider: string) => CallLimits {
  if (timeouts === undefined) return () => noLimits;
  const common = limitsOf(timeouts, noLimits);
  const own = new Map(
    Object.entries(timeouts.providers).map(([name, limits]) => [name, limitsOf(limits ?? {}, common)]),
  );
  return (provider) => own.get(provider) ?? common;
}

function limitsOf(
  timeouts: Partial<Record<'connect' | 'first-byte' | 'stall' | 'whole', number | undefined>>,
  common: CallLimits,
): CallLimits {
  return {
    connect: timeouts.connect ?? common.connect,
    firstByte: timeouts['first-byte'] ?? common.firstByte,
    stall: timeouts.stall ?? common.stall,
    whole: timeouts.whole ?? common.whole,
  };
}

export interface UpstreamWatch {
  /** Aborted when the client leaves, or when a limit is passed. */
  readonly signal: AbortSignal;
  /** The sentence about the limit that was passed; undefined while none was. */
  readonly passed: string | undefined;
  /** The connection to this address is being made; the result ends the watching of it. */
  connecting(address: string): () => void;
  /** Watches the reading of a stream. Time in which nobody reads, since the client is slow, does not count. */
  reading(reader: ChunkReader): ChunkReader;
  /** Nothing is waited for any more. */
  end(): void;
}

/** Watches one call. `clock` is in ms and only goes forward. */
export function watchUpstream(
  limits: CallLimits,
  stream: boolean,
  client: AbortSignal,
  clock: () => number,
): UpstreamWatch {
  const controller = new AbortController();
  let passed: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** What is waited for, and since when; undefined while nobody waits. */
  let waiting: { since: number; limit: number; what: string } | undefined = stream
    ? { since: clock(), limit: limits.firstByte, what: 'the first event did not come (timeouts.first-byte)' }
    : { since: clock(), limit: limits.whole, what: 'the answer did not come (timeouts.whole)' };

  function pass(sentence: string): void {
    passed ??= sentence;
    end();
    controller.abort(new Error(passed));
  }

  function check(): void {
    timer = undefined;
    if (waiting === undefined) {
      arm(limits.stall);
      return;
    }
    const { since, limit, what } = waiting;
    const left = since + limit - clock();
    if (limit > 0 && left <= 0) pass(`Within ${spanText(limit)} ${what}.`);
    else arm(limit > 0 ? left : limits.stall);
  }

  function arm(milliseconds: number): void {
    if (milliseconds > 0) timer = setTimeout(check, milliseconds);
  }

  function end(): void {
    clearTimeout(timer);
    timer = undefined;
    waiting = undefined;
  }

  const leave = (): void => {
    end();
    controller.abort(client.reason);
  };
  if (client.aborted) leave();
  else {
    client.addEventListener('abort', leave, { once: true });
    arm(waiting.limit);
  }

  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    end,
    connecting(address) {
      if (limits.connect <= 0) return () => {};
      const stop = probe(address, limits.connect, () =>
        pass(`Within ${spanText(limits.connect)} there was no connection (timeouts.connect).`),
      );
      return stop;
    },
    reading(reader) {
      let first = true;
      return {
        async read() {
          if (!first)
            waiting = { since: clock(), limit: limits.stall, what: 'nothing more came (timeouts.stall)' };
          const result = await reader.read();
          waiting = undefined;
          if (first && passed === undefined) {
            first = false;
            // From here on the timer goes round; a wait is noticed within twice its limit at most.
            clearTimeout(timer);
            arm(limits.stall);
          }
          return result;
        },
        cancel(reason) {
          end();
          return reader.cancel(reason);
        },
      };
    },
  };
}

/**
 * Finds out whether an address can be connected to. The runtime does not tell when a request has its connection, and
 * nearly all have an answer before this matters: so a connection of its own is tried only after half of the time.
 */
function probe(address: string, limit: number, onFailure: () => void): () => void {
  let socket: ReturnType<typeof connect> | undefined;
  let timer = setTimeout(() => {
    const { hostname, port, protocol } = new URL(address);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    timer = setTimeout(() => {
      stop();
      onFailure();
    }, limit / 2);
    socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    socket.on('connect', stop);
    // What refuses the probe refuses the request, too: its own error says why.
    socket.on('error', stop);
  }, limit / 2);
  function stop(): void {
    clearTimeout(timer);
    socket?.destroy();
  }
  return stop;
}
