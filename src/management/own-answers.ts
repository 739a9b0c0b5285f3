/** What the addresses of our own answer, as the command line reads them. Times are ISO 8601. */
import type { RequestTrace, TracedChoice } from '../gateway/trace/request-trace.ts';
import type { LimitName } from '../limits/ledger.ts';
import type { ListedQuotas } from './quota-list.ts';

/** What a gateway says of itself. */
export interface GatewayStanding {
  url: string;
  /** Milliseconds within which it has stopped; null while nobody has stopped it. */
  stopsWithin: number | null;
}

/** A rest as it is listed. */
export interface ListedRest {
  /** The credential's id. */
  credential: string;
  label: string;
  provider: string | undefined;
  kind: string;
  /** Null where the whole account rests. */
  model: string | null;
  failures: number;
  since: string;
  until: string;
  /** What the provider says, where that is later. */
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

export type ManagementAnswer =
  | { gateway: GatewayStanding }
  | { requests: RequestTrace[] }
  | { request: RequestTrace }
  | { model: string; choice: TracedChoice; key: KeyChoice | null }
  | { cooldowns: ListedRest[] }
  | ListedQuotas
  | { reset: number; credentials: string[] }
  | { refusals: Readonly<Record<string, number>> }
  | { error: string; code: string };
