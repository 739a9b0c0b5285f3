/**
 * What providers report of quotas is known to all replicas: the window that was reported last holds. Shares fall with every answer, so
 * only what changes a choice travels: a window that closes or begins anew at once, a share when it has fallen by something.
 */
import type { Pool } from '../../credentials/pool.ts';
import { endOf, type QuotaWindow, quotaReserve } from '../../credentials/quota.ts';
import type { QuotaRecord } from '../../credentials/quota-file.ts';
import type { Clock } from '../../ground/clock.ts';
import { parseJson } from '../../protocols/json.ts';
import { asArray, asBoolean, asNumber, asObject, asString } from '../../protocols/json-members.ts';
import { type ClockOffset, type SharedRecords, upkeepOf } from './shared-records.ts';

export interface QuotaGossip {
  /** Puts what is known into the pool, and from then on shares what is reported to it. Resolves when what is kept has been read. */
  follow(pool: Pick<Pool, 'adoptQuotas' | 'quotas'>): Promise<void>;
  /** Other credentials are in use: what is known of those that are new is put into the pool. */
  again(): void;
  /** An answer for a model of a credential reported these windows. */
  report(credential: string, model: string, windows: readonly QuotaWindow[]): void;
  close(): void;
}

export interface QuotaGossipOptions {
  records: SharedRecords;
  offset: ClockOffset;
  clock: Clock;
}

/** Ms that reports are collected: answers come by the dozen. */
const collecting = 10;
const lookEvery = 30_000;
/** Ms after its end that a window is kept. */
const memory = 3600_000;
/** A share that has fallen by less than this is shared with the next look. */
const worthReporting = 0.005;
const mostKnown = 50_000;
const quotaTable = 'quotas';

export function createQuotaGossip({ records, offset, clock }: QuotaGossipOptions): QuotaGossip {
  /** As reported last, in the server's time. */
  const known = new Map<string, QuotaRecord>();
  const waiting = new Map<string, QuotaRecord>();
  let pool: Pick<Pool, 'adoptQuotas' | 'quotas'> | undefined;
  let callOff: (() => void) | undefined;

  function flush(): void {
    callOff = undefined;
    if (waiting.size === 0) return;
    const fields = new Map<string, string>();
    for (const [field, record] of waiting) {
      known.set(field, record);
      fields.set(field, recordText(record));
    }
    waiting.clear();
    records.write(quotaTable, fields);
  }

  function take(fields: ReadonlyMap<string, string>): void {
    const newer: QuotaRecord[] = [];
    for (const [field, text] of fields) {
      const record = readRecord(field, text);
      if (record === undefined) continue;
      const before = known.get(field);
      if (
        before === undefined ? known.size >= mostKnown : before.window.reportedAt >= record.window.reportedAt
      )
        continue;
      known.set(field, record);
      newer.push({ ...record, window: shifted(record.window, offset.local) });
    }
    if (newer.length > 0) pool?.adoptQuotas(newer, clock.now());
  }

  /** Takes in what is kept, forgets what is long over, and writes what of it is missing or older. */
  function amends(kept: ReadonlyMap<string, string>) {
    take(kept);
    const at = offset.shared(clock.now());
    const gone: string[] = [];
    const missing = new Map<string, string>();
    for (const [field, record] of known) {
      const { reportedAt } = record.window;
      const keptRecord = readRecord(field, kept.get(field) ?? '');
      if (endOf(record.window) + memory < at) {
        known.delete(field);
        if (keptRecord !== undefined) gone.push(field);
      } else if (keptRecord === undefined || keptRecord.window.reportedAt < reportedAt)
        missing.set(field, recordText(record));
    }
    return { gone, missing };
  }

  function again(): void {
    const all = [...known.values()].map(({ window, ...of }) => ({
      ...of,
      window: shifted(window, offset.local),
    }));
    if (all.length > 0) pool?.adoptQuotas(all, clock.now());
  }

  records.onWrite(quotaTable, take);
  const upkeep = upkeepOf({ records, table: quotaTable, clock, every: lookEvery, amends });

  return {
    async follow(followed) {
      pool = followed;
      await upkeep.look();
    },
    again,
    report(credential, asked, windows) {
      for (const reported of windows) {
        const of = reported.ofModel ? (reported.model ?? asked) : undefined;
        const { past: _past, ...window } = shifted(reported, offset.shared);
        const record = { credential, of, window };
        const field = fieldOf(record);
        const before = known.get(field)?.window;
        if (before === undefined ? known.size >= mostKnown : !says(before, window)) continue;
        waiting.set(field, record);
        callOff ??= clock.after(collecting, flush);
      }
    },
    close() {
      upkeep.end();
      callOff?.();
      flush();
    },
  };
}

/** Whether a window has news over the one before. */
function says(before: QuotaWindow, now: QuotaWindow): boolean {
  if (before.reportedAt > now.reportedAt) return false;
  return (
    before.closed !== now.closed ||
    Math.abs((before.resetsAt ?? 0) - (now.resetsAt ?? 0)) > 5000 ||
    Math.abs(before.left - now.left) >= worthReporting ||
    before.left > quotaReserve !== now.left > quotaReserve
  );
}

function shifted(window: QuotaWindow, shift: (time: number) => number): QuotaWindow {
  return {
    ...window,
    reportedAt: shift(window.reportedAt),
    resetsAt: window.resetsAt && shift(window.resetsAt),
  };
}

function fieldOf({ credential, of, window }: QuotaRecord): string {
  return JSON.stringify([credential, of ?? null, window.name]);
}

function recordText({ window }: QuotaRecord): string {
  const { ofModel, model, left, closed, resetsAt, length, reportedAt } = window;
  return JSON.stringify({ ofModel, model, left, closed, resetsAt, length, toldAt: reportedAt });
}

function readRecord(field: string, text: string): QuotaRecord | undefined {
  const [credential, of, name] = asArray(parseJson(field)).map(asString);
  const fields = asObject(parseJson(text));
  const [left, reportedAt] = [asNumber(fields?.left), asNumber(fields?.toldAt)];
  if (credential === undefined || name === undefined || fields === undefined) return undefined;
  if (left === undefined || left < 0 || left > 1 || reportedAt === undefined) return undefined;
  const model = asString(fields.model);
  return {
    credential,
    of,
    window: {
      name,
      ofModel: asBoolean(fields.ofModel) ?? false,
      ...(model !== undefined && { model }),
      left,
      closed: asBoolean(fields.closed) ?? false,
      resetsAt: asNumber(fields.resetsAt),
      length: asNumber(fields.length),
      reportedAt,
    },
  };
}
