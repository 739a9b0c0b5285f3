/** What the console's pages get of its server, and nothing else: shapes alone, shared by both sides. Times are ISO 8601. */
import type { KeyLimit } from '../management/own-answers.ts';
import type { ListedPool, ListedQuota } from '../management/quota-list.ts';
import type { KeptCooldown } from '../usage/request-reader.ts';
import type { UsageRow } from '../usage/usage-row.ts';

/** Who is signed in. */
export type SignedIn = { role: 'owner' } | { role: 'key'; name: string };

export interface Me {
  signedIn: SignedIn | null;
  version: string;
}

/** A request as a row: one that runs has no status and no end yet. */
export interface RequestRow {
  id: string;
  at: string;
  key: string | null;
  asked: string;
  model: string | null;
  provider: string | null;
  credential: string | null;
  protocol: string | null;
  stream: boolean | null;
  status: number | null;
  error: string | null;
  /** Ms. */
  ttft: number | null;
  duration: number | null;
  input: number | null;
  cacheRead: number | null;
  output: number | null;
  /** Dollars as decimal text; `worth` where a subscription has paid. */
  cost: string | null;
  subscription: boolean;
  attempts: number;
  /** The name of the replica that has it; only of requests that run or have just ended, in a cluster. */
  replica?: string;
}

/** A credential, be it of a file or of the configuration. */
export interface AccountRow {
  id: string;
  /** What the management calls it by: one for all credentials of an account. */
  index: string;
  label: string;
  provider: string;
  /** The account file's name; null for a key of the configuration. */
  file: string | null;
  email: string | null;
  plan: string | null;
  /** `partly`: some of its models are in cooldown; `cooldown`: all of them are. */
  state: 'ready' | 'partly' | 'cooldown' | 'sign-in' | 'disabled';
  /** Why, in a sentence; null for one that is ready. */
  reason: string | null;
  /** Until when, where that is known: when the first of its models is back. */
  until: string | null;
  /** Models that it serves, and those of them that it would serve now; null where it has no cooldown. */
  models: ServedModels | null;
  cooldowns: { model: string | null; kind: string; since: string; until: string; reason: string }[];
  windows: ListedQuota[];
  inFlight: number;
  priority: number;
  /** What its owner has written of it. */
  note: string | null;
  /** When it was asked last: to the hour where that was before the start; null where it was not in a month. */
  lastUse: string | null;
  /** How its attempts went lately; null where there was none. */
  recent: RecentAttempts | null;
}

export interface ServedModels {
  all: number;
  ready: number;
}

/** Attempts of the last hours, in pieces of time of the same length, the oldest first. */
export interface RecentAttempts {
  from: string;
  /** Ms of a piece. */
  piece: number;
  answered: readonly number[];
  failed: readonly number[];
}

/** The owner's settings of a credential. Null where not set. */
export interface OwnerFields {
  /** The note of an account, the name of a key. */
  note: string | null;
  prefix: string | null;
  /** Its password masked. */
  proxy: string | null;
  priority: number;
  weight: number;
  concurrency: number | null;
  queue: number | null;
  requestRetry: number | null;
  excludedModels: readonly string[];
  /** Of accounts alone. */
  disableCooling: boolean | null;
  budget: { day: Spending; month: Spending };
}

interface Spending {
  usd: number | null;
  tokens: number | null;
}

/** All that is known of one credential but its secrets. */
export interface AccountDetail {
  row: AccountRow;
  /** The name of its provider's sign-in; null for a key of the configuration. */
  kind: string | null;
  owner: OwnerFields;
  baseUrl: string | null;
  /** Of the file: where it is, until when its token holds, when that was renewed last. */
  path: string | null;
  expires: string | null;
  refreshed: string | null;
  refreshable: boolean;
  models: { id: string; ready: boolean }[];
  /** With how each went since it began. */
  windows: ListedQuota[];
  /** What its owner lets it spend; its account's projects spend it together. */
  budgets: KeyLimit[];
  /** Those that have begun in the last day, over ones included; the newest first. */
  cooldowns: KeptCooldown[];
}

/** A provider whose accounts sign in, in these ways. */
export interface SignInOffer {
  kind: string;
  title: string;
  /** `a Google account with …`. */
  account: string;
  ways: readonly ('browser' | 'device' | 'cookie' | 'file')[];
  /** Where the browser is signed in whose cookie is taken. */
  cookieSite: string | null;
  forProjects: boolean;
}

/** A list of keys of the configuration. */
export interface KeyOffer {
  list: string;
  title: string;
  baseUrl: string;
  keyStart: string | null;
}

/** A service that is known by name; `baseUrl` is null where each customer has an address of their own. */
export interface ServiceOffer {
  name: string;
  title: string;
  baseUrl: string | null;
  keyless: boolean;
  notes: string | null;
}

/** Every way to add a credential. */
export interface Offers {
  signIns: SignInOffer[];
  keys: KeyOffer[];
  services: ServiceOffer[];
}

/** Something that the owner should know, and where it is mended. */
export interface Problem {
  kind: 'sign-in' | 'cooldown' | 'nothing-serves' | 'quota' | 'config' | 'disk' | 'cluster';
  text: string;
  /** A page of the console. */
  page: string;
  /** Of a cooldown: when it ends by itself, and the credential that has it. */
  until?: string;
  credential?: string;
}

/** What is not served by an account for a while. */
export interface Cooling {
  label: string;
  /** Null where it serves nothing. */
  model: string | null;
  until: string;
}

export interface Overview {
  /** The overall state as facts: the page makes a sentence of them in its language. */
  state: {
    accounts: number;
    /** Those that serve some model now. */
    ready: number;
    /** Accounts, or models of them, in cooldown: those first that are back first, no more than a sentence takes. */
    cooling: readonly Cooling[];
    /** How many there are in all. */
    coolingCount: number;
    sandbox: boolean;
    /** What the replicas of a cluster share their state on and does not work; empty without a cluster. */
    away: readonly string[];
  };
  problems: Problem[];
  /** Minutes of the last hour, the oldest first. */
  minutes: { at: string; ok: number; failed: number }[];
  failures: RequestRow[];
  pools: ListedPool[];
  today: UsageRow | null;
  yesterday: UsageRow | null;
}

/** A name that clients may ask for. */
export interface ModelRow {
  id: string;
  providers: string[];
  /** What providers call it, where that differs. */
  names: string[];
  /** Some of those that serve it. */
  credentials: string[];
  candidates: number;
  ready: number;
  /** Whether it is a model route of the configuration. */
  route: boolean;
  /** Tokens of prompt and answer together, what it takes beside text, and dollars a million tokens; null where unknown. */
  context: number | null;
  inputs: readonly string[];
  price: { input: number; output: number } | null;
}

/** The process itself. */
export interface SystemFacts {
  version: string;
  runtime: string;
  url: string;
  authDir: string;
  /** Seconds. */
  uptime: number;
  /** `linux x64`. */
  platform: string;
  /** Bytes. */
  memory: number;
  /** Ms that the event loop was late at most, of some turns just now. */
  lag: number;
  /** Bytes, where accounts and stores are; null where the system does not report it. */
  disk: { free: number; size: number } | null;
  /** Browsers that have the console's event stream open. */
  consoles: number;
  /** The separate address of the metrics; null without one. */
  metrics: string | null;
  running: number;
  waiting: number;
  refusals: Readonly<Record<string, number>>;
}

/** A frame of the event stream: what has changed since the one before. Absent parts have not. */
export interface Frame {
  /** Single parts of it. */
  overview?: Partial<Overview>;
  /** Requests that have ended since the frame before. */
  ended?: RequestRow[];
  running?: RequestRow[];
  accounts?: AccountChanges;
}

export interface AccountChanges {
  /** All ids in their order, where that has changed. */
  order?: string[];
  /** Rows that are new or have changed. */
  rows: AccountRow[];
}

/** The settings for a client of the gateway. `YOUR_CLIENT_KEY` is the placeholder of the key. */
export interface ClientSnippets {
  /** As `cli-proxy-api connect` has it. */
  name: string;
  title: string;
  model: string;
  files: { path: string; text: string }[];
  /** What a person does by hand. */
  recipe: string | null;
  note: string | null;
  /** The program that is started then. */
  command: string | null;
}
