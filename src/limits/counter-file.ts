/** What client keys have used outlasts a restart: it is kept in a file beside the accounts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateDirectory, writeAtomically } from '../accounts/atomic-write.ts';
import { asArray, asNumber, asObject, type Json, parseJson } from '../protocols/json.ts';
import { emptyLedger, type Ledger } from './ledger.ts';
import type { SlidingWindow } from './sliding-window.ts';
import { type Period, type Spending, spendingAt } from './spending.ts';

/** The file's name in `auth-dir`. */
export const counterFileName = '.client-limits.json';

export interface CounterFile {
  /** What an earlier run has counted, by the digest of the key. A file that cannot be read is reported and left. */
  load(now: number): Promise<Map<string, Ledger>>;
  /** Something was counted: it is written within the delay. */
  changed(): void;
  /** Writes what has changed, now. */
  close(): Promise<void>;
}

export interface CounterFileOptions {
  directory: string;
  ledgers: () => ReadonlyMap<string, Ledger>;
  /** A sentence about a file that cannot be read or written. */
  onProblem: (sentence: string) => void;
  /** Milliseconds between two writes at least; a second by default. */
  delay?: number;
}

/** A format of ours; other numbers are of later versions and are left alone. */
const version = 1;

export function createCounterFile(options: CounterFileOptions): CounterFile {
  const { directory, ledgers, onProblem, delay = 1000 } = options;
  const path = join(directory, counterFileName);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> = Promise.resolve();
  let reported: string | undefined;
  // What a later version has written is not overwritten.
  let foreign = false;

  async function write(): Promise<void> {
    try {
      await makePrivateDirectory(directory);
      await writeAtomically(path, countersText(ledgers()));
      reported = undefined;
    } catch (error) {
      const sentence = `What client keys have used could not be written to ${path}: ${error instanceof Error ? error.message : String(error)}`;
      // A full disk stays full: once is enough.
      if (sentence !== reported) onProblem(sentence);
      reported = sentence;
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write);
    return writing;
  }

  return {
    async load(now) {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
          onProblem(`What client keys have used could not be read from ${path}: ${String(error)}`);
        return new Map();
      }
      const read = parseCounters(text, now);
      foreign = read === undefined;
      if (read === undefined)
        onProblem(
          `What client keys have used, in ${path}, is not in a format that this version knows: it is left alone, and nothing is kept over the next restart.`,
        );
      return read ?? new Map();
    },
    changed() {
      if (!foreign) timer ??= setTimeout(() => void flush(), delay);
    },
    async close() {
      await (timer === undefined ? writing : flush());
    },
  };
}

/** The file's content. Nothing in it tells a key: digests name them. */
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
