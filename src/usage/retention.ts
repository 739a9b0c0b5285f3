/** What is kept of usage for how long, and in how many bytes. Old rows go a thousand at a time. */
import type { Database } from 'bun:sqlite';
import { pragma } from '../ground/database-file.ts';
import { sumsChanged } from './changed-sums.ts';
import { placeOf } from './columns.ts';

export interface RetentionSettings {
  /** Ms. Days are kept for ever. */
  keepRequests: number;
  keepHours: number;
  /** Bytes of the file; the oldest requests go first. */
  maxSize: number;
}

/** Rows that go at once, and pages that are given back to the file system. */
const portion = 1000;
const pages = 256;

/** Deletes one portion of what is too old or too much. True when there is more to do. */
export function sweep(
  database: Database,
  { keepRequests, keepHours, maxSize }: RetentionSettings,
  now: number,
): boolean {
  const large = bytesIn(database) > maxSize;
  const limit = large ? Number.MAX_SAFE_INTEGER : placeOf(now - keepRequests);
  const last = database
    .query<{ id: number | null }, [number, number]>(
      'SELECT max(id) AS id FROM (SELECT id FROM requests WHERE id < ? ORDER BY id LIMIT ?)',
    )
    .get(limit, portion);
  const hours = database
    .query('DELETE FROM usage_hour WHERE at < ?')
    .run(
      Math.max(0, oldestHour(database) < now - keepHours ? hourLimit(database, now - keepHours) : 0),
    ).changes;
  if (hours > 0) sumsChanged(database, { hour: Number.NEGATIVE_INFINITY });
  if (last?.id === null || last?.id === undefined) return hours > 0;
  const { id } = last;
  database.transaction(() => {
    database.query('DELETE FROM attempts WHERE request <= ?').run(id);
    database.query('DELETE FROM requests WHERE id <= ?').run(id);
  })();
  database.run(`PRAGMA incremental_vacuum(${pages})`);
  return true;
}

function oldestHour(database: Database): number {
  return (
    database.query<{ at: number | null }, []>('SELECT min(at) AS at FROM usage_hour').get()?.at ??
    Number.POSITIVE_INFINITY
  );
}

/** A day at a time: an hour has few rows. */
function hourLimit(database: Database, limit: number): number {
  return Math.min(limit, oldestHour(database) + 86_400_000);
}

/** Bytes that the file needs, without pages that are free. */
function bytesIn(database: Database): number {
  return (
    (pragma(database, 'page_count') - pragma(database, 'freelist_count')) * pragma(database, 'page_size')
  );
}
