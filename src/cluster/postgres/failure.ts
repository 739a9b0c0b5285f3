/** What goes wrong with Postgres, as far as what acts on it differs. */
import { SQL } from 'bun';

export type PostgresFailureKind =
  /** Not reached, cut off, or no answer in time: what was sent may have happened. */
  | 'away'
  /** It answered that it will not: a constraint, a missing right, a fault in the statement. */
  | 'refused';

export class PostgresFailure extends Error {
  override name = 'PostgresFailure';
  constructor(
    readonly kind: PostgresFailureKind,
    message: string,
    /** SQLSTATE, where the server gave one. */
    readonly sqlState?: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/**
 * SQLSTATEs with which a server that was reached is away all the same: 57P01-57P05 shutdown, crash, cannot connect now, idle session;
 * 53300 too many connections; 25006 read-only, the error of a standby. Source: postgresql.org/docs/15/errcodes-appendix.html.
 */
const awayStates = /^(57P0\d|53300|25006|08\w\w\w)$/;

/**
 * SQLSTATEs of a server that is there, after which the same statement may succeed: 57014 cancelled, 40001 and 40P01 serialization and
 * deadlock, 55P03 no lock in time.
 */
const againStates = /^(57014|40001|40P01|55P03)$/;

/** Whether a failure means that the server is down, and not only that this statement failed. */
export function isServerDown({ kind, sqlState }: PostgresFailure): boolean {
  return kind === 'away' && (sqlState === undefined || awayStates.test(sqlState));
}

/** The failure that an error of `Bun.sql` is; undefined for what is no error of it. */
export function postgresFailure(error: unknown): PostgresFailure | undefined {
  if (error instanceof PostgresFailure) return error;
  if (!(error instanceof SQL.PostgresError)) return undefined;
  const { errno, message } = error;
  const away = errno === undefined || awayStates.test(errno) || againStates.test(errno);
  return new PostgresFailure(away ? 'away' : 'refused', message, errno, error);
}

/** Whether Postgres was not there: worth another try later, with the same statement. */
export function isAway(error: unknown): error is PostgresFailure {
  return error instanceof PostgresFailure && error.kind === 'away';
}
