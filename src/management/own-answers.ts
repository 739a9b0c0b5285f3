/** What the addresses of our own answer, as the command line reads them. Times are ISO 8601. */
import type { RequestTrace, TracedChoice } from '../gateway/trace/request-trace.ts';
import type { LimitName } from '../limits/limit.ts';
import type { RecordingState } from '../recording/recordings.ts';
import type { SilentReplica } from './other-replicas.ts';
import type { ListedQuotas } from './quota-list.ts';

/** The gateway's report about itself. */
export interface GatewayStatus {
  url: string;
  /** Milliseconds within which it has stopped; null while it is not stopping. */
  stopsWithin: number | null;
}

/** Open files of a gateway's process; null where the system does not report them. */
export interface ProcessFacts {
  openFiles: number | null;
  mostOpenFiles: number | null;
  /** Connections that the other side has closed, and this process has not. */
  halfClosedSockets: number | null;
  /** Settings of the runtime that it was started without; all of them make it slower or larger. */
  missingSettings: readonly string[];
}

/** An engine as one replica sees it: `why` it is away, or what of it does not work; null where it answers. */
export interface ShownEngine {
  name: string;
  state: 'up' | 'down';
  why: string | null;
  /** Since when it is away. */
  since: string | null;
}

/** The report of one replica, or of a single gateway, about itself. */
export interface ReplicaFacts {
  url: string;
  /** Milliseconds within which it has stopped; null while it is not stopping. */
  stopsWithin: number | null;
  /** Seconds. */
  uptime: number;
  /** Bytes. */
  memory: number;
  /** Requests that run, that wait for a place, and that have ended since the start, with how many of those failed. */
  running: number;
  waiting: number;
  ended: { all: number; failed: number };
  refusals: Readonly<Record<string, number>>;
  timezone: string;
  /** Empty outside a cluster. */
  engines: ShownEngine[];
}

/** One replica: `now` is null where it does not answer; `why` has the reason. */
export interface ShownReplica {
  id: string;
  name: string;
  version: string;
  startedAt: string;
  now: ReplicaFacts | null;
  why: string | null;
}

/** The cluster that a gateway is a replica of. */
export interface ShownCluster {
  name: string;
  /** The id of the one that answers. */
  replica: string;
  replicas: ShownReplica[];
  /** As the one that answers sees them. */
  engines: ShownEngine[];
  /** What each replica has for itself; empty where there is a Valkey. Limits are in fixed parts then. */
  notShared: ('limits' | 'cooldowns' | 'quotas' | 'conversations')[];
}

/** A cooldown as it is listed. */
export interface ListedCooldown {
  /** The credential's id. */
  credential: string;
  label: string;
  provider: string | undefined;
  kind: string;
  /** Null where the whole account is cooling down. */
  model: string | null;
  failures: number;
  since: string;
  until: string;
  /** The provider's time, where that is later. */
  promised: string | null;
  reason: string;
}

/** What a client key may use of the candidates. */
export interface KeyChoice {
  name: string;
  mayUseModel: boolean;
  /** Candidates that it may use, and how many of those are ready. */
  candidates: number;
  ready: number;
  limits: KeyLimit[];
}

/** How much of a limit of a client key is gone; `resets` is null where nothing is gone or running requests decide. */
export interface KeyLimit {
  limit: LimitName;
  most: number;
  used: number;
  left: number;
  resets: string | null;
}

/** The same as it is read, where names may be of a later version. */
export type ReadKeyLimit = Omit<KeyLimit, 'limit'> & { limit: string };

/** How a small request went that was sent to see whether it is answered. */
export interface TestedRequest {
  ok: boolean;
  /** The label of the last attempt's credential; null without one. */
  credential: string | null;
  model: string;
  status: number;
  milliseconds: number;
  /** `explain` shows more about it. */
  id: string;
  /** The beginning of the answer, as it came. */
  answer: string;
}

export type ManagementAnswer =
  | { gateway: GatewayStatus }
  | { process: ProcessFacts }
  | { cluster: ShownCluster | null }
  | { replica: ReplicaFacts }
  | { requests: RequestTrace[]; silent?: SilentReplica[] }
  | { request: RequestTrace }
  | { model: string; choice: TracedChoice; key: KeyChoice | null }
  | { cooldowns: ListedCooldown[] }
  | { tests: TestedRequest[] }
  | RecordingState
  | ListedQuotas
  | { reset: number; credentials: string[] }
  | { refusals: Readonly<Record<string, number>> }
  | { error: string; code: string };
