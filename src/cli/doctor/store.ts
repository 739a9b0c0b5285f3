import { Database } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, fail, ok, type Subject, shellWord, skip, warn } from './check.ts';

const leastFree = 1e9;
const longestLog = 64e6;

/** What the gateway keeps: are its databases whole, is there room. */
export const storeChecks: Subject = async ({ config }) => {
  const directory = config['auth-dir'];
  if (!existsSync(directory)) return [skip('store.integrity', 'Nothing is kept yet.')];
  const databases = (await readdir(directory)).filter((name) => name.endsWith('.sqlite'));
  const findings = databases.map((name) => integrity(join(directory, name)));
  if (findings.length === 0) findings.push(skip('store.integrity', 'Nothing is kept yet.'));
  return [...findings, await room(directory), await logs(directory, databases)];
};

function integrity(file: string): Finding {
  const id = 'store.integrity';
  const fix = `stop the gateway, then: mv ${shellWord(file)} ${shellWord(`${file}.broken`)}, or "cli-proxy-api restore"`;
  try {
    const database = new Database(file, { readonly: true });
    try {
      const [row] = database.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').all();
      return row?.quick_check === 'ok'
        ? ok(id, `${file} is whole.`)
        : fail(id, `${file} is damaged: ${row?.quick_check ?? 'no answer'}.`, fix);
    } finally {
      database.close();
    }
  } catch (error) {
    return fail(
      id,
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      fix,
    );
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
