import { existsSync, statSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { isUseless, openUnchanged } from '../../ground/database-file.ts';
import { timeOf } from '../../usage/columns.ts';
import { usageFile } from '../../usage/usage-database.ts';
import {
  type Finding,
  fail,
  ok,
  reasonWithin,
  type Subject,
  shellWord,
  skip,
  unread,
  warn,
} from './check.ts';

const leastFree = 1e9;
const longestLog = 64e6;
/** How much more than usage.max-size the file may have, and how long a sweep may be due. */
const slack = 1.2;
const sweepTime = 2 * 86_400_000;

/** What the gateway keeps: are its databases whole, is there room. */
export const storeChecks: Subject = async ({ config, isRead, now }) => {
  const directory = config['auth-dir'];
  if (!existsSync(directory)) return [skip('store.integrity', 'Nothing is kept yet.')];
  const names = await readdir(directory).catch(reasonWithin);
  if (typeof names === 'string') return [skip('store.integrity', `${directory} cannot be read: ${names}.`)];
  const databases = names.filter((name) => name.endsWith('.sqlite'));
  const findings = databases.map((name) => integrity(join(directory, name)));
  if (findings.length === 0) findings.push(skip('store.integrity', 'Nothing is kept yet.'));
  return [
    ...findings,
    isRead ? retention(config, now) : unread('store.retention'),
    await room(directory),
    await logs(directory, databases),
  ];
};

/** Usage that ought to be gone: a running gateway sweeps now and then, so that there is some slack. */
function retention({ usage, 'auth-dir': directory }: Config, now: number): Finding {
  const id = 'store.retention';
  const file = usageFile(directory);
  if (!existsSync(file)) return skip(id, 'No usage is kept yet.');
  if (!usage.enable)
    return warn(
      id,
      `usage.enable is false, and what was kept before is in ${file} still: nothing takes it away.`,
      `rm ${shellWord(file)}, or usage.enable: true`,
    );
  const { size } = statSync(file);
  if (size > usage['max-size'] * slack)
    return warn(
      id,
      `${file} has ${megabytes(size)} MB, and usage.max-size is ${megabytes(usage['max-size'])} MB.`,
      'restart the gateway, which takes the oldest requests away',
    );
  const oldest = oldestRequest(file);
  return oldest !== undefined && oldest < now - usage['keep-requests'] - sweepTime
    ? warn(
        id,
        `Requests of ${new Date(oldest).toISOString().slice(0, 10)} are stored, longer than usage.keep-requests allows.`,
        'start the gateway, which takes them away',
      )
    : ok(id, 'No usage is stored for longer than configured.');
}

function oldestRequest(file: string): number | undefined {
  try {
    const database = openUnchanged(file);
    try {
      const [row] = database.query<{ id: number | null }, []>('SELECT min(id) AS id FROM requests').all();
      return row?.id === null || row === undefined ? undefined : timeOf(row.id);
    } finally {
      database.close();
    }
  } catch {
    return undefined; // A file that cannot be read is reported above.
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

function integrity(file: string): Finding {
  const id = 'store.integrity';
  const fix = `stop the gateway, then: mv ${shellWord(file)} ${shellWord(`${file}.broken`)}, or "cli-proxy-api restore"`;
  try {
    const database = openUnchanged(file);
    try {
      const [row] = database.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').all();
      return row?.quick_check === 'ok'
        ? ok(id, `${file} is whole.`)
        : fail(id, `${file} is damaged: ${row?.quick_check ?? 'no answer'}.`, fix);
    } finally {
      database.close();
    }
  } catch (error) {
    const sentence = `${file} cannot be read: ${reasonWithin(error)}.`;
    // Where the file itself is not the trouble, nothing is won by moving it away.
    return isUseless(error)
      ? fail(id, sentence, fix)
      : fail(id, sentence, `let the user who runs the gateway read and write ${shellWord(dirname(file))}`);
  }
}

async function room(directory: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  return free < leastFree
    ? warn(
        'store.disk',
        `Only ${Math.round(free / 1e6)} MB are free for ${directory}.`,
        `du -sh ${shellWord(directory)}`,
      )
    : ok('store.disk', `${Math.round(free / 1e9)} GB are free.`);
}

async function logs(directory: string, databases: string[]): Promise<Finding> {
  const id = 'store.write-ahead-log';
  for (const name of databases) {
    const size = (await stat(join(directory, `${name}-wal`)).catch(() => undefined))?.size ?? 0;
    if (size > longestLog)
      return warn(
        id,
        `${name}-wal has ${Math.round(size / 1e6)} MB: it is not written back.`,
        'restart the gateway',
      );
  }
  return ok(id, 'The logs of the databases are short.');
}
