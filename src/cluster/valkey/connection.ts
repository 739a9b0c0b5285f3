/**
 * The connection to Valkey or Redis. Nothing waits for a server that is gone: commands are refused at once while there is no
 * connection, each has its limit of time, and none is sent again by itself, as whether it was carried out is not known.
 */
import { createHash } from 'node:crypto';
import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'iovalkey';
import type { Clock } from '../../ground/clock.ts';
import { engineState } from '../engine-state.ts';
import type { ClockOffset } from '../gossip/shared-records.ts';
import type { Engine, OnOperation } from '../ports.ts';
import { type ValkeyAddress, valkeyAddress } from './address.ts';
import { clockOffset } from './clock-offset.ts';

export type Reply = string | number | null | readonly Reply[];

/** Lua that the server runs as one step. */
export interface Script {
  readonly lua: string;
  /** The SHA-1 of it: its name on the server. */
  readonly sha: string;
}

export interface Valkey {
  readonly engine: Engine;
  /** The key of this cluster's with this name: all are in one slot, so that a script may use several. */
  key(name: string): string;
  /** Rejects when there is no connection, no answer within the limit of time, or an error. */
  send(command: string, ...words: readonly (string | number)[]): Promise<Reply>;
  /** The same for a script; the server is given it where it does not have it, as after a restart. */
  run(script: Script, keys: readonly string[], words: readonly (string | number)[]): Promise<Reply>;
  /** What is published on a channel from now on. `onGap`: some may have been missed; also called when it begins. */
  subscribe(channel: string, onMessage: (text: string) => void, onGap: () => void): void;
  /** Begins with a new connection for what is published: the one that there is may be dead. */
  resubscribe(): void;
  /** The server's clock beside this computer's. */
  readonly offset: ClockOffset;
  /** Resolves when it answers, or after so many ms. */
  ready(ms: number): Promise<void>;
  close(): void;
}

export interface ValkeyOptions {
  url: string;
  /** Of the cluster. */
  name: string;
  clock: Clock;
  /** A command was answered, or has failed. */
  onOperation?: OnOperation | undefined;
}

/** Ms that a command and that a connection may take. */
const commandLimit = 250;
const connectLimit = 2000;
/** Questions without an answer, one after the other, until a server that takes commands and answers none is away. */
const mostPings = 3;
/** Ms between two looks whether it answers, and how many in vain make a new connection. */
const probeEvery = 500;
const mostVain = 4;

export function scriptOf(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** Connects in the background, and again for as long as it is not closed. The library is loaded by the first call. */
export async function connectValkey({ url, name, clock, onOperation }: ValkeyOptions): Promise<Valkey> {
  const library = await import('./client-library.ts');
  const address = valkeyAddress(url);
  const engine = engineState(clock.now, 'it has not been reached yet');
  let lastError = 'the connection broke';
  let vain = 0;
  let confirming = false;
  const offset = clockOffset();

  function connect(): Redis | Cluster {
    return address.kind === 'cluster'
      ? new library.Cluster([...address.hosts], clusterOptions(address))
      : new library.Redis(serverOptions(address));
  }

  /** What is published is known to each server of a cluster: the first that is named and there will do, and after it the next. */
  function connectSubscriber(): Redis {
    const listening = new library.Redis({
      ...serverOptions(address),
      ...(address.kind === 'cluster' && {
        db: 0,
        retryStrategy(times: number) {
          Object.assign(listening.options, address.hosts[times % address.hosts.length]);
          return retryAfter(times);
        },
      }),
    });
    return listening;
  }

  const client = connect();
  const subscriber = connectSubscriber();
  for (const one of [client, subscriber])
    one.on('error', (error: unknown) => {
      lastError = reasonOf(error) ?? lastError;
    });
  client.on('ready', () => void probe());
  client.on('close', () => engine.down(lastError));

  /**
   * An answer that is late may be this process' own fault: it was busy, and the answer is there. So it is asked again, a few times,
   * before the server counts as away.
   */
  async function confirm(): Promise<void> {
    if (confirming || engine.state.kind === 'down') return;
    confirming = true;
    for (let left = mostPings; left > 0; left -= 1) {
      const late = await answered(client.call('PING'), left === 1).then(() => false, isLate);
      if (!late) break;
    }
    confirming = false;
  }

  async function answered(reply: Promise<unknown>, last = false): Promise<Reply> {
    try {
      const value = await reply;
      vain = 0;
      engine.up();
      return replyOf(value);
    } catch (error) {
      if (!last && isLate(error)) void confirm();
      // By its class: what the library calls by its name has another name in a minified bundle.
      else if (!(error instanceof library.ReplyError) || isUnusable(error)) {
        lastError = reasonOf(error) ?? lastError;
        engine.down(lastError);
      }
      throw error;
    }
  }

  const send: Valkey['send'] = async (command, ...words) => {
    const began = clock.monotonic();
    try {
      return await answered(client.call(command, ...words.map(String)));
    } finally {
      onOperation?.(command.toLowerCase(), clock.monotonic() - began);
    }
  };

  async function probe(): Promise<void> {
    const sent = clock.now();
    try {
      const [seconds, micros] = [await send('TIME')].flat();
      offset.measured(Number(seconds) * 1000 + Number(micros) / 1000, sent, clock.now());
    } catch {
      vain += 1;
      if (vain % mostVain === 0 && client.status === 'ready') client.disconnect(true);
    }
  }
  const endProbes = clock.every(probeEvery, () => void probe());

  return {
    engine,
    offset,
    key: (own) => `cpa:{${name}}:${own}`,
    send,
    async run({ sha, lua }, keys, words) {
      const rest = [keys.length, ...keys, ...words];
      try {
        return await send('EVALSHA', sha, ...rest);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return send('EVAL', lua, ...rest);
      }
    },
    subscribe(channel, onMessage, onGap) {
      subscriber.on('message', (of: string, text: string) => {
        if (of === channel) onMessage(text);
      });
      const begin = (): void => void subscriber.subscribe(channel).then(onGap, () => undefined);
      subscriber.on('ready', begin);
      if (subscriber.status === 'ready') begin();
    },
    resubscribe() {
      if (subscriber.status === 'ready') subscriber.disconnect(true);
    },
    ready(ms) {
      if (engine.state.kind === 'up') return Promise.resolve();
      return new Promise((resolve) => {
        const over = (): void => {
          leave();
          callOff();
          resolve();
        };
        const leave = engine.onState(over);
        const callOff = clock.after(ms, over);
      });
    },
    close() {
      endProbes();
      client.disconnect();
      subscriber.disconnect();
    },
  };
}

/** Ms until the next try to connect: soon, then each second. */
function retryAfter(times: number): number {
  return Math.min(1000, 25 * 2 ** Math.min(times, 6)) * (0.75 + Math.random() / 2);
}

const noTls = {};

function sharedOptions({ tls, username, password }: ValkeyAddress) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: noTls }),
    commandTimeout: commandLimit,
    connectTimeout: connectLimit,
    maxRetriesPerRequest: 0,
    // The message of a server that is not ready is an error of the command itself.
    enableReadyCheck: false,
    // The library would do that without looking at what comes of it: a connection that breaks meanwhile would end the process.
    autoResubscribe: false,
    connectionName: 'cli-proxy-api',
  } satisfies RedisOptions;
}

function serverOptions(address: ValkeyAddress): RedisOptions {
  const [first] = address.hosts;
  return {
    ...sharedOptions(address),
    ...(address.kind === 'sentinel'
      ? {
          sentinels: [...address.hosts],
          name: address.master,
          enableTLSForSentinelMode: address.tls,
          sentinelRetryStrategy: retryAfter,
        }
      : first),
    db: address.database,
    enableOfflineQueue: false,
    retryStrategy: retryAfter,
  };
}

function clusterOptions(address: ValkeyAddress): ClusterOptions {
  return {
    redisOptions: sharedOptions(address),
    enableOfflineQueue: false,
    enableReadyCheck: false,
    clusterRetryStrategy: retryAfter,
    slotsRefreshTimeout: connectLimit,
  };
}

/** Errors of a server that is there and cannot be used all the same. Source: valkey.io/topics/protocol, /topics/acl, /topics/sentinel. */
const unusable =
  /^(LOADING|NOAUTH|WRONGPASS|NOPERM|READONLY|MASTERDOWN|CLUSTERDOWN|MISCONF|OOM|ERR invalid password)/;

function isLate(error: unknown): boolean {
  return error instanceof Error && error.message === 'Command timed out';
}

function isUnusable(error: unknown): boolean {
  return error instanceof Error && unusable.test(error.message);
}

/** The messages of the system and the client, reworded for people. */
const reasons: readonly [RegExp, string][] = [
  [/ECONNREFUSED/, 'nothing listens at its address'],
  [/ENOTFOUND|EAI_AGAIN|getaddrinfo/, 'its name is not known'],
  [/timed? ?out|ETIMEDOUT/i, 'it does not answer in time'],
  [/WRONGPASS|NOAUTH|invalid password/i, 'it refuses the user or the password'],
  [/NOPERM/, 'its user has not the rights for what is needed'],
  [/CLUSTERDOWN|MASTERDOWN/, 'its cluster is down'],
  [/OOM|MISCONF/, 'it takes no writes: it has no room, or cannot write its file'],
  [/LOADING/, 'it is loading what it has kept'],
  [/READONLY/, 'it is a replica, which takes no writes'],
  [/sentinel/i, 'no sentinel has it'],
  [/CERT|certificate|self.signed|TLS|SSL/i, 'its certificate is not trusted'],
];

function reasonOf(error: unknown): string | undefined {
  const text = error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : '';
  // The error of a command that was not sent, for want of a connection.
  if (/isn't writeable|Connection is closed/.test(text)) return undefined;
  return reasons.find(([pattern]) => pattern.test(text))?.[1] ?? 'the connection broke';
}

/** A reply as it is in the protocol; what it cannot be is nothing. */
function replyOf(value: unknown): Reply {
  if (typeof value === 'string' || typeof value === 'number') return value;
  return Array.isArray(value) ? value.map(replyOf) : null;
}
