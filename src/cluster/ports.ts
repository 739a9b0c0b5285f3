/**
 * What makes one gateway of several replicas, as the server sees it. A cluster has two halves: what is durable (accounts, keys,
 * stored answers, usage) in Postgres, what changes fast (limits, cooldowns, quotas, conversations) in Valkey. Rooms below know
 * neither: each names the little that it needs of others as a type of its own, which is implemented here.
 */
import type { TakenIn } from '../accounts/account-move.ts';
import type { AccountStore } from '../accounts/account-store.ts';
import type { Encryption } from '../accounts/encryption.ts';
import type { ClusterConfig } from '../config/cluster-keys.ts';
import type { SharedSlots } from '../credentials/concurrency.ts';
import type { Pool } from '../credentials/pool.ts';
import type { SharedBindings } from '../credentials/session-bindings.ts';
import type { Clock } from '../ground/clock.ts';
import type { SharedLimits, SharedSpending } from '../limits/shared-limits.ts';
import type { Log } from '../telemetry/log.ts';
import type { UsageRecord } from '../usage/record.ts';
import type { KeptTotals } from './counters/meter-book.ts';
import type { CooldownGossip } from './gossip/cooldown-gossip.ts';
import type { QuotaGossip } from './gossip/quota-gossip.ts';
import type { Notice } from './gossip/shared-records.ts';
import type { Members } from './members.ts';

export type EngineState =
  /** `degraded` names, for people, what does not work. */
  | { kind: 'up'; degraded?: string }
  /** `why` is for people and has no secrets; `since` in ms since the epoch. */
  | { kind: 'down'; why: string; since: number };

export type EngineName = 'postgres' | 'valkey';

/** A server that replicas share what they know on. */
export interface Engine {
  readonly state: EngineState;
  /** Called with each change of the state until the result is called. */
  onState(handler: (state: EngineState) => void): () => void;
}

/**
 * Called for each thing that an engine was asked for, when it was answered or has failed: a command, a statement by its first
 * word, or a transaction, none of which comes from outside; and the ms that it took.
 */
export type OnOperation = (operation: string, ms: number) => void;

/** One process of the cluster. */
export interface Replica {
  /** Another one with each start. */
  id: string;
  /** What people call it: the computer's name. */
  name: string;
  version: string;
  /** Ms since the epoch. */
  startedAt: number;
  /** The time zone whose days its budgets count; undefined where it does not report it. */
  timezone?: string | undefined;
}

/** What both halves are opened with. */
export interface HalfOptions {
  cluster: ClusterConfig;
  replica: Replica;
  log: Log;
  clock: Clock;
  onOperation?: OnOperation | undefined;
}

/** An answer of the Responses API, with what was asked for it; `input` and `response` are JSON. */
export interface KeptAnswer {
  id: string;
  client: string;
  previous: string | undefined;
  native: boolean;
  input: string;
  response: string;
  /** Ids of its items. */
  items: readonly string[];
  /** Ids that are its client's from now on. */
  owned: readonly string[];
}

export interface KnownAnswers {
  answers: readonly Omit<KeptAnswer, 'client' | 'items' | 'owned'>[];
  /** Whose the ids are that were asked about. */
  owners: readonly { id: string; client: string }[];
}

/** The answers that all replicas keep. Nothing of it throws for Postgres being away but `forget`. */
export interface ResponseVault {
  /** Resolves when the answer outlasts this process; where Postgres is away it is written later. */
  keep(answer: KeptAnswer): Promise<void>;
  own(ids: readonly string[], client: string): Promise<void>;
  /** What is known under these ids of answers and items, with all that it goes on from; `ttl` in ms. */
  find(ids: readonly string[], client: string, ttl: number): Promise<KnownAnswers>;
  forget(id: string, client: string): Promise<void>;
  /** Called for what another replica, or this one, has forgotten, until the result is called. */
  onForgotten(handler: (id: string, client: string) => void): () => void;
  takeOver(rotated: readonly { before: string; now: string }[]): Promise<void>;
  /** Lets go what was not used for so many ms. */
  sweep(ttl: number): Promise<void>;
}

/** A text that all replicas share, and which of its versions it is. */
export interface SharedText {
  version: number;
  text: string;
}

/** The configuration of all replicas. Rejects where Postgres is away. */
export interface ConfigVault {
  /** Undefined where none has been put there yet. */
  newest(): Promise<SharedText | undefined>;
  /** Puts the version that follows; false where somebody was faster. */
  put(text: string, after: number, author: { who: string; what: string }): Promise<boolean>;
  /** Called when there may be another, until the result is called. */
  onChange(handler: () => void): () => void;
}

/** How far a replica has read the usage of others: a transaction of Postgres, and a request in it. */
export interface UsageCursor {
  tx: string;
  id: string;
}

export interface UsagePortion {
  records: readonly UsageRecord[];
  cursor: UsageCursor;
  /** There is more. */
  more: boolean;
}

/** The usage of all replicas. In its records the ids of keys and the names of conversations are digests. */
export interface UsageVault {
  /** Adds what is not there yet, by id, with the sums by hour and day; false where Postgres is away: try again. */
  add(records: readonly UsageRecord[]): Promise<boolean>;
  /** What others have added since; undefined where Postgres is away. */
  after(cursor: UsageCursor | undefined): Promise<UsagePortion | undefined>;
  /** Deletes single requests that are older than so many ms; sums stay. */
  sweep(olderThan: number): Promise<void>;
  /** Called when Postgres is there again, until the result is called. */
  onBack(handler: () => void): () => void;
}

/** Where a replica has files of accounts, and the key of all that are in the cluster. */
export interface AccountPlace {
  directory: string;
  encryption: Encryption;
}

/** What goes between replicas and is soon gone: in Valkey, and where there is none, in Postgres. */
export interface PassingState {
  /** What is between a browser, or a webhook, and all replicas. */
  texts: SharedTexts;
  messages: ReplicaMessages;
}

/** What is in Postgres. */
export interface DurableState {
  /** What was spent of budgets. */
  budgets: KeptTotals;
  /** Joins the list of replicas that is kept here; for clusters without a Valkey, which has another one. */
  members(): Promise<Members>;
  /** The same for what passes between them. */
  passing(): PassingState;
  engine: Engine;
  /** The accounts of all replicas; `directory` is this one's `auth-dir`. */
  accounts(place: AccountPlace): AccountStore;
  config(encryption: Encryption): ConfigVault;
  responses: ResponseVault;
  usage: UsageVault;
  /** Takes in one account; `text` is the decrypted content of `file`. */
  takeAccountIn(file: string, text: string, encryption: Encryption): Promise<TakenIn>;
  /** Takes in the account files that are put into the directory; resolves when those that are there are in, with what ends it. */
  takeAccountFiles(place: AccountPlace): Promise<() => Promise<void>>;
  /** Writes what waits and lets go of the connections. */
  close(): Promise<void>;
}

/** Texts that all replicas read, each for its time. Names and texts hold no secret. Nothing of it throws. */
export interface SharedTexts {
  /** Null where there is none; undefined while that is unknown. With `ms` it is kept for so long from now on. */
  get(name: string, ms?: number): Promise<string | null | undefined>;
  /** In the place of what there is; nothing comes of it while Valkey is away. */
  put(name: string, text: string, ms: number): Promise<void>;
  /** Whether there was none, so that this one is kept; undefined while that is unknown. */
  add(name: string, text: string, ms: number): Promise<boolean | undefined>;
  /** Puts a name on a list, for so many ms from now on. */
  note(list: string, name: string, ms: number): Promise<void>;
  /** The names on it, a thousand at most, each with its end in ms since the epoch; undefined while that is unknown. */
  noted(list: string): Promise<readonly { name: string; until: number }[] | undefined>;
}

/** Messages from replica to replica, by the id of the receiver. Never throws; a message without a receiver is lost. */
export interface ReplicaMessages {
  /** False where it was certainly not sent. */
  send(replica: string, text: string): Promise<boolean>;
  /** What others send to this one. */
  onMessage(handler: (text: string) => void): void;
}

/** What is in Valkey. */
export interface FastState extends PassingState {
  engine: Engine;
  /** The replicas that are there, as known last; this one among them. */
  members(): readonly Replica[];
  /** Which candidate each conversation is bound to. */
  sessions: SharedBindings;
  /** Places at credentials that serve only so many requests at a time. */
  places: SharedSlots;
  /** The limits of client keys over all replicas. */
  limits: SharedLimits;
  /** The budgets of credentials over all replicas. */
  spending: SharedSpending;
  /** Notifies the other replicas; nothing comes of it while Valkey is away. */
  notify(notice: Notice): void;
  /** The messages of other replicas. */
  onNotice(handler: (notice: Notice) => void): void;
  /** A cooldown of the pool has begun, changed or ended. */
  cooldownChanged: CooldownGossip['changed'];
  /** A provider has reported quotas. */
  quotaReported: QuotaGossip['report'];
  /** Other credentials are in use. */
  credentialsChanged(): void;
  /** Puts cooldowns and quotas that others know into the pool; resolves when those of before the start are there. */
  follow(pool: FollowedPool): Promise<void>;
  /** Gives back what this replica has leased and lets go of the connections. */
  close(): Promise<void>;
}

export type FollowedPool = Pick<Pool, 'cooldownOf' | 'adopt' | 'adoptQuotas' | 'quotas'>;

export interface Cluster {
  name: string;
  replica: Replica;
  /** Undefined where the configuration names no Postgres or no Valkey. */
  durable: DurableState | undefined;
  fast: FastState | undefined;
  /** By Valkey, or by Postgres where there is none. */
  passing: PassingState | undefined;
  /** The limits of client keys and the places at credentials: leased where there is a Valkey, in fixed parts otherwise. */
  limits: SharedLimits | undefined;
  places: SharedSlots | undefined;
  /** The replicas that are there, as known last; this one among them. */
  members(): readonly Replica[];
  /** Each engine of the configuration with its state. */
  engines(): readonly { name: EngineName; state: EngineState }[];
  /** Takes who is to be called for each thing that an engine was asked for. */
  onOperation(handler: (engine: EngineName, ...done: Parameters<OnOperation>) => void): void;
  close(): Promise<void>;
}
