/**
 * What makes one gateway of several replicas, as the server sees it. A cluster has two halves: what is durable (accounts, keys,
 * stored answers, usage) in Postgres, what changes fast (limits, cooldowns, quotas, conversations) in Valkey. Rooms below know
 * neither: each names the little that it needs of others as a type of its own, which is implemented here.
 */
import type { ClusterConfig } from '../config/cluster-keys.ts';
import type { Timers } from '../ground/timers.ts';
import type { Log } from '../telemetry/log.ts';

export type EngineState =
  | { kind: 'up' }
  /** `why` is for people and has no secrets; `since` in ms since the epoch. */
  | { kind: 'down'; why: string; since: number };

export type EngineName = 'postgres' | 'valkey';

/** A server that replicas share what they know on. */
export interface Engine {
  readonly state: EngineState;
  /** Called with each change of the state until the result is called. */
  onState(handler: (state: EngineState) => void): () => void;
}

/** One process of the cluster. */
export interface Replica {
  /** Another one with each start. */
  id: string;
  /** What people call it: the computer's name. */
  name: string;
  version: string;
  /** Ms since the epoch. */
  startedAt: number;
}

/** What both halves are opened with. */
export interface HalfOptions {
  cluster: ClusterConfig;
  replica: Replica;
  log: Log;
  timers: Timers;
  /** Ms since the epoch. */
  now: () => number;
}

/** What is in Postgres. */
export interface DurableState {
  engine: Engine;
  /** Writes what waits and lets go of the connections. */
  close(): Promise<void>;
}

/** What is in Valkey. */
export interface FastState {
  engine: Engine;
  /** Gives back what this replica has leased and lets go of the connections. */
  close(): Promise<void>;
}

export interface Cluster {
  name: string;
  replica: Replica;
  /** Undefined where the configuration names no Postgres or no Valkey. */
  durable: DurableState | undefined;
  fast: FastState | undefined;
  /** Each engine of the configuration with its state. */
  engines(): readonly { name: EngineName; state: EngineState }[];
  close(): Promise<void>;
}
