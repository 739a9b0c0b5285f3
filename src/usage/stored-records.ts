/** Kept requests as the records that they were made of: on their way into another store. */
import type { Database } from 'bun:sqlite';
import {
  type AttemptColumn,
  attemptColumns,
  billingWords,
  countedWords,
  mediaOf,
  type RequestColumn,
  requestColumns,
  sourceWords,
  timeOf,
  writeRequestId,
} from './columns.ts';
import { sessionText } from './digest.ts';
import { recordIn } from './kept-record.ts';
import { type KnownName, nameKinds, readNames } from './names.ts';
import type { UsageRecord } from './record.ts';
import type { Row } from './rows.ts';

type Names = ReadonlyMap<number, KnownName>;

/** All that is there, the oldest first, in portions. Keys and conversations are digests, as they are in the store. */
export function* storedRecords(database: Database, portion = 250): Generator<UsageRecord[]> {
  const requests = database.query<Row<RequestColumn>, [number, number]>(
    `SELECT ${requestColumns.join(', ')} FROM requests WHERE id > ? ORDER BY id LIMIT ?`,
  );
  const attempts = database.query<Row<AttemptColumn>, [number]>(
    `SELECT ${attemptColumns.join(', ')} FROM attempts WHERE request = ? ORDER BY n`,
  );
  const names = readNames(database);
  for (let after = -1; ; ) {
    const rows = requests.all(after, portion);
    const last = rows.at(-1)?.id;
    if (last === undefined || last === null) return;
    yield rows.flatMap((row) => recordOf(cellsOf(row), attempts.all(row.id ?? 0).map(cellsOf), names) ?? []);
    after = last;
  }
}

/** A column of a row from any source. */
type Cells<Column extends string> = (column: Column) => number | null;

function cellsOf<Column extends string>(row: Row<Column>): Cells<Column> {
  return (column) => row[column];
}

/** The record of a row, if complete: its values in the order of {@link requestColumns}. */
export function recordOfRow(values: readonly (number | null)[], names: Names): UsageRecord | undefined {
  return recordOf((column) => values[requestColumns.indexOf(column)] ?? null, [], names);
}

function recordOf(
  row: Cells<RequestColumn>,
  attempts: readonly Cells<AttemptColumn>[],
  names: Names,
): UsageRecord | undefined {
  const text = (id: number | null): string | undefined => (id === null ? undefined : names.get(id)?.name);
  const at = timeOf(row('id') ?? 0);
  const [session, asked] = [row('session'), row('asked')];
  const served = servedOf(row, names);
  const choice = choiceOf(text(row('choice')));
  const made =
    attempts.length === 0 && row('attempts') === 1 && served !== undefined
      ? [answeredAtOnce(row, served)]
      : attempts.map((attempt) => attemptOf(attempt, names));
  return recordIn(
    JSON.stringify({
      id: writeRequestId(at, row('rnd') ?? 0),
      at,
      key: named(row('key'), names),
      session: session === null ? undefined : sessionText(session),
      protocol: text(row('protocol')) ?? '',
      operation: text(row('operation')) ?? '',
      streamed: row('streamed') === 1,
      asked: text(row('asked')) ?? '',
      known: asked !== null && names.get(asked)?.kind === nameKinds.asked,
      served,
      status: row('status') ?? 0,
      error: text(row('error')),
      ttft: row('ttft') ?? undefined,
      duration: row('duration') ?? 0,
      usage: usageOf(row, names),
      attempts: made,
      choice,
    }),
  );
}

function named(id: number | null, names: Names): { id: string; name: string } | undefined {
  const known = id === null ? undefined : names.get(id);
  return known && { id: known.name, name: known.label ?? known.name };
}

type CountColumn = Extract<RequestColumn, AttemptColumn>;

function servedOf(row: Cells<CountColumn>, names: Names) {
  const credential = named(row('credential'), names);
  if (credential === undefined) return undefined;
  const text = (id: number | null): string => (id === null ? undefined : names.get(id)?.name) ?? '';
  return {
    credential,
    provider: text(row('provider')),
    model: text(row('model')),
    billing: billingWords[row('billed') ?? 0] ?? 'paid',
  };
}

function usageOf(row: Cells<CountColumn>, names: Names) {
  const [cost, tier] = [row('cost'), row('tier')];
  return {
    tokens: {
      input: row('input') ?? undefined,
      cacheRead: row('cache_read') ?? undefined,
      cacheWrite: row('cache_write') ?? undefined,
      cacheWrite1h: row('cache_write_1h') ?? undefined,
      reasoning: row('reasoning') ?? undefined,
      output: row('output') ?? undefined,
      ...mediaOf(row),
    },
    counted: countedWords[row('counted') ?? 3] ?? 'none',
    tier: tier === null ? undefined : names.get(tier)?.name,
    cost: cost === null ? undefined : { nano: cost, source: sourceWords[row('source') ?? 2] ?? 'list' },
  };
}

/** The row of such a request contains its attempt. */
function answeredAtOnce(row: Cells<RequestColumn>, served: NonNullable<ReturnType<typeof servedOf>>) {
  const [began, ttft] = [row('began') ?? 0, row('ttft')];
  return {
    ...served,
    startedAt: began,
    waited: 0,
    duration: ttft === null ? undefined : ttft - began,
    trial: false,
    status: row('status') ?? 0,
    reason: 'answered',
  };
}

function attemptOf(row: Cells<AttemptColumn>, names: Names) {
  const reason = row('reason');
  const usage = usageOf(row, names);
  const reported = usage.counted !== 'none' || usage.cost !== undefined;
  return {
    ...(servedOf(row, names) ?? {
      credential: { id: '', name: '' },
      provider: '',
      model: '',
      billing: 'paid',
    }),
    startedAt: row('started') ?? 0,
    waited: row('waited') ?? 0,
    duration: row('duration') ?? undefined,
    trial: row('trial') === 1,
    status: row('status') ?? 0,
    reason: (reason === null ? undefined : names.get(reason)?.name) ?? '',
    cooldownUntil: row('cooldown') ?? undefined,
    usage: reported ? usage : undefined,
  };
}

function choiceOf(text: string | undefined) {
  if (text === undefined || !text.startsWith('[')) return undefined;
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return undefined;
  const [strategy, candidates, ready, resting, spared, boundTo] = value;
  return { strategy, candidates, ready, resting, spared, boundTo };
}
