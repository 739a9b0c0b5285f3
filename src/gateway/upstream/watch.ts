/** Ends calls to upstreams that do not connect, do not begin, or stop in the middle. */

import type { Config } from '../../config/schema.ts';
import { spanText } from '../../credentials/cooldown-table.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { Clock } from '../../ground/clock.ts';
import { BeyondBound } from '../../http-client/bounds.ts';
import type { Cancellation } from '../../http-client/message.ts';
import type { ChunkReader } from '../answer.ts';
import type { RequestTimers } from '../request-timers.ts';
import { eventLength } from './event-length.ts';
import { probe } from './probe.ts';

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
  /** Between two keep-alives to the client while a stream is silent. */
  beat: number;
  /** Bytes of a line of a stream, and of an event. */
  line: number;
}

const noLimits: CallLimits = {
  connect: 0,
  firstByte: 0,
  stall: 0,
  whole: 0,
  beat: 0,
  line: Number.POSITIVE_INFINITY,
};

/** The part of the configuration that limits come from. */
export type LimitsConfig = Pick<Config, 'timeouts' | 'streaming' | 'bounds'>;

type OwnLimits = Credential['timeouts'];

/** The limits for each credential, and what a model route has otherwise; without a configuration there are none. */
export function callLimits(
  config: LimitsConfig | undefined,
): (credential: Pick<Credential, 'provider' | 'timeouts'>, ofTarget?: OwnLimits) => CallLimits {
  if (config === undefined) return () => noLimits;
  const { timeouts, streaming, bounds } = config;
  const common = limitsOf(timeouts, {
    ...noLimits,
    beat: streaming['keepalive-seconds'],
    line: bounds['sse-line'],
  });
  const byProvider = new Map(
    Object.entries(timeouts.providers).map(([name, limits]) => [name, limitsOf(limits, common)]),
  );
  // Asked for each attempt: the limits of a credential are put together once.
  const own = new WeakMap<NonNullable<OwnLimits>, CallLimits>();
  function ofCredential({
    provider,
    timeouts: written,
  }: Pick<Credential, 'provider' | 'timeouts'>): CallLimits {
    const limits = byProvider.get(provider.name) ?? common;
    if (written === undefined) return limits;
    const known = own.get(written) ?? limitsOf(written, limits);
    own.set(written, known);
    return known;
  }
  return (credential, ofTarget) =>
    ofTarget === undefined ? ofCredential(credential) : limitsOf(ofTarget, ofCredential(credential));
}

function limitsOf(timeouts: OwnLimits, common: CallLimits): CallLimits {
  return {
    ...common,
    connect: timeouts?.connect ?? common.connect,
    firstByte: timeouts?.['first-byte'] ?? common.firstByte,
    stall: timeouts?.stall ?? common.stall,
    whole: timeouts?.whole ?? common.whole,
  };
}

/** Milliseconds in which a connection ends by itself behind the last event, where its other side behaves well. */
const toEnd = 500;

/** Milliseconds that the body of an error is waited for: its status is known, and the next credential is waiting. */
const errorBodyTime = 5000;

type ChunkRead = Awaited<ReturnType<ChunkReader['read']>>;

/** Cancelled when the client leaves, or when a limit is passed. */
export interface UpstreamWatch extends Cancellation {
  /** The sentence about the limit that was passed; undefined while none was. */
  readonly passed: string | undefined;
  /** The same for the owner, where that has more. */
  readonly passedDetail: string | undefined;
  /** A connection is being made, through the proxy if one is named; the result is called when that is over. */
  connecting(proxy?: string): () => void;
  /** The same where nothing shows when there is a connection to this address: until the result is called, it is tried out. */
  probing(address: string): () => void;
  /** An error's body is being read: `run` ends that where it takes too long. The result is called when it is over. */
  errorBody(run: () => void): () => void;
  /** Watches the reading of a stream. Time without a read, because the client is slow, does not count. */
  reading(reader: ChunkReader): ChunkReader;
  /** Nothing is waited for any more. */
  end(): void;
  /** Ends the call, whatever has come of it. */
  abandon(reason: Error): void;
}

/** Watches one call; `client` is aborted when the client leaves. `clock` is that of the timers. */
export function watchUpstream(
  limits: CallLimits,
  stream: boolean,
  client: AbortSignal,
  timers: RequestTimers,
  clock: Pick<Clock, 'monotonic'>,
): UpstreamWatch {
  let cancelled: Error | undefined;
  let onCancel: ((reason: Error) => void) | undefined;
  let passed: string | undefined;
  let passedDetail: string | undefined;
  /** The first event has come. */
  let begun = false;
  /** When the limit in force is passed, in ms of the clock. */
  let until = Number.POSITIVE_INFINITY;
  let beat: (() => void) | undefined;

  const timer = timers.add(() => {
    const now = clock.monotonic();
    if (now >= until) return pass(limitPassed());
    beat?.();
    wait(until - now, now);
  });

  function limitPassed(): string {
    if (begun) return `within ${spanText(limits.stall)} nothing more came (timeouts.stall)`;
    return stream
      ? `within ${spanText(limits.firstByte)} the first event did not come (timeouts.first-byte)`
      : `within ${spanText(limits.whole)} the answer did not come (timeouts.whole)`;
  }

  /** Waits until the limit is passed; on the way the client gets keep-alives. */
  function wait(milliseconds: number, now: number): void {
    const signs = beat !== undefined && limits.beat > 0 && limits.beat < milliseconds;
    timers.set(timer, signs ? limits.beat : milliseconds, now);
  }

  function limit(milliseconds: number): void {
    const span = milliseconds > 0 ? milliseconds : Number.POSITIVE_INFINITY;
    const now = clock.monotonic();
    until = now + span;
    wait(span, now);
  }

  function pass(sentence: string): void {
    passed ??= sentence;
    cancel(new Error(passed));
  }

  function cancel(reason: Error): void {
    end();
    cancelled ??= reason;
    onCancel?.(cancelled);
  }

  function end(): void {
    timers.remove(timer);
    client.removeEventListener('abort', leave);
  }

  function leave(): void {
    cancel(client.reason instanceof Error ? client.reason : new Error('the client has left'));
  }

  function notConnected(proxy: string | undefined): void {
    const sentence = (through: string): string =>
      `within ${spanText(limits.connect)} there was no connection${through} (timeouts.connect)`;
    if (proxy !== undefined) passedDetail = sentence(` through its proxy ${proxy}`);
    pass(sentence(proxy === undefined ? '' : ' through its proxy'));
  }

  /** Runs after so many milliseconds, unless the result is called before. */
  function after(milliseconds: number, run: () => void): () => void {
    const late = timers.add(() => {
      timers.remove(late);
      run();
    });
    timers.set(late, milliseconds);
    return () => timers.remove(late);
  }

  if (client.aborted) leave();
  else {
    client.addEventListener('abort', leave);
    limit(stream ? limits.firstByte : limits.whole);
  }

  return {
    get cancelled() {
      return cancelled;
    },
    whenCancelled(run) {
      onCancel = run;
    },
    get passed() {
      return passed;
    },
    get passedDetail() {
      return passedDetail;
    },
    end,
    abandon: cancel,
    connecting: (proxy) =>
      limits.connect <= 0 ? () => {} : after(limits.connect, () => notConnected(proxy)),
    errorBody: (run) => after(errorBodyTime, run),
    probing: (address) =>
      limits.connect <= 0 ? () => {} : probe(address, limits.connect, timers, () => notConnected(undefined)),
    reading(reader) {
      /** A comment of the upstream has come instead of an event: the wait goes on. */
      let waits = true;
      const lengths = eventLength(limits.line);
      const came = (result: ChunkRead): ChunkRead => {
        const tooLong = result.value && lengths.beyond(result.value);
        if (tooLong !== undefined) {
          reader.cancel().catch(() => undefined);
          throw new BeyondBound(tooLong, limits.line, 'sse-line');
        }
        waits = result.value !== undefined && isSilence(result.value);
        if (!waits) {
          begun = true;
          timer.at = Number.POSITIVE_INFINITY;
        }
        return result;
      };
      return {
        read() {
          if (!waits) limit(limits.stall);
          return reader.read().then(came);
        },
        cancel() {
          end();
          return reader.cancel();
        },
        whenSilent(onSilence) {
          beat = onSilence;
        },
        isOver: () => reader.isOver?.() === true,
        leave() {
          end();
          if (reader.isOver?.()) return;
          const over = timers.add(() => drop());
          const drop = (): void => {
            timers.remove(over);
            // The answer is complete; how the connection ends no longer matters.
            reader.cancel().catch(() => undefined);
          };
          timers.set(over, toEnd);
          reader.read().then(({ done }) => (done ? timers.remove(over) : drop()), drop);
        },
        passed: () => passed,
      };
    },
  };
}

/** Whether a piece of a stream is only comments and empty lines, by which upstreams keep connections open. */
function isSilence(chunk: Uint8Array): boolean {
  const first = chunk[0];
  if (first !== colon && first !== lineFeed && first !== carriageReturn) return false;
  return !Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).includes('data');
}

const colon = 58;
const lineFeed = 10;
const carriageReturn = 13;
