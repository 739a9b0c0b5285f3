/** What client keys have used outlasts a restart: it is kept in a file beside the accounts. */

import { join } from 'node:path';
import { createStateFile, type StateFile } from '../accounts/state-file.ts';
import type { Clock } from '../ground/clock.ts';
import { type Json, parseJson } from '../protocols/json.ts';
import { asArray, asNumber, asObject } from '../protocols/json-members.ts';
import { emptyLedger, isEmpty, type Ledger } from './ledger.ts';
import type { SlidingWindow } from './sliding-window.ts';
import { type Period, type Spending, spendingAt } from './spending.ts';

/** The file's name in `auth-dir`. */
export const counterFileName = '.client-limits.json';

/** By the digest of the key. */
export type CounterFile = StateFile<Map<string, Ledger>>;

export interface CounterFileOptions {
  directory: string;
  /** The file's name in it, and its description for messages; those of client keys by default. */
  name?: string;
  subject?: string;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  /** Those in which nothing counts any more are taken out when they are written. */
  ledgers: () => Map<string, Ledger>;
  /** A sentence about a file that cannot be read or written. */
  onProblem: (sentence: string) => void;
  /** Milliseconds between two writes at least; a second by default. */
  delay?: number;
}

/** A format of ours; other numbers are of later versions and are left alone. */
const version = 1;

export function createCounterFile({
  directory,
  name = counterFileName,
  subject = 'The counts of client keys',
  now,
  ledgers,
  ...options
}: CounterFileOptions): CounterFile {
  return createStateFile({
    ...options,
    path: join(directory, name),
    subject,
    parse: (text) => parseCounters(text, now()),
    text: () => countersText(counting(ledgers(), now())),
  });
}

/** Without those in which nothing counts any more. */
function counting(ledgers: Map<string, Ledger>, now: number): ReadonlyMap<string, Ledger> {
  for (const [key, ledger] of ledgers) if (isEmpty(ledger, now)) ledgers.delete(key);
  return ledgers;
}

/** The file's content. Nothing in it gives a key away: digests name them. */
export function countersText(ledgers: ReadonlyMap<string, Ledger>): string {
  const keys = Object.fromEntries(
    [...ledgers].map(([key, { requests, tokens, day, month }]) => [
      key,
      { requests: pairs(requests), tokens: pairs(tokens), day, month },
    ]),
  );
  return `${JSON.stringify({ version, keys })}\n`;
}

function pairs(window: SlidingWindow): number[][] {
  return window.map(({ latest, amount }) => [latest, amount]);
}

/** Reads the file's content; what is not whole is left out. Undefined for anything but this format. */
export function parseCounters(text: string, now: number): Map<string, Ledger> | undefined {
  const value = asObject(parseJson(text));
  if (value?.version !== version) return undefined;
  const ledgers = new Map<string, Ledger>();
  for (const [key, counted] of Object.entries(asObject(value.keys) ?? {})) {
    const fields = asObject(counted);
    const empty = emptyLedger(now);
    ledgers.set(key, {
      ...empty,
      requests: windowFrom(fields?.requests),
      tokens: windowFrom(fields?.tokens),
      day: spendingFrom(fields?.day, 'day', now) ?? empty.day,
      month: spendingFrom(fields?.month, 'month', now) ?? empty.month,
    });
  }
  return ledgers;
}

function windowFrom(value: Json | undefined): SlidingWindow {
  return asArray(value).flatMap((pair) => {
    const [latest, amount] = asArray(pair).map(asNumber);
    return latest === undefined || amount === undefined ? [] : [{ latest, amount }];
  });
}

function spendingFrom(value: Json | undefined, period: Period, now: number): Spending | undefined {
  const fields = asObject(value);
  const [from, until] = [asNumber(fields?.from), asNumber(fields?.until)];
  const [tokens, usd] = [asNumber(fields?.tokens), asNumber(fields?.usd)];
  if (from === undefined || until === undefined || tokens === undefined || usd === undefined)
    return undefined;
  return spendingAt({ from, until, tokens, usd }, period, now);
}
