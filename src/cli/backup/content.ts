/** What a backup holds: the config, and the directory of accounts with its databases as they are at one moment. */
import { Database } from 'bun:sqlite';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { errorCode } from '../../ground/error-code.ts';

/** The names inside the archive. */
export const places = { config: 'config.yaml', env: '.env', directory: 'accounts/' } as const;

/** Files that belong to a moment and not to what is kept: locks, sockets, parts of databases. */
const passing = /\.(lock|sock|journal|tmp|sqlite-wal|sqlite-shm|sqlite-journal)$|\.broken/;

/** Files by their name in the archive. A running gateway goes on: its databases are copied by SQLite itself. */
export async function backupContent(config: string, authDir: string): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  if (existsSync(config)) files[places.config] = await readFile(config);
  const env = join(dirname(config), '.env');
  if (existsSync(env)) files[places.env] = await readFile(env);
  if (!existsSync(authDir)) return files;
  const scratch = await mkdtemp(join(tmpdir(), 'cli-proxy-api-backup-'));
  try {
    for (const entry of await readdir(authDir, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(authDir.length + 1).replaceAll('\\', '/');
      // Where config and accounts share a directory, the config has its own place.
      if (passing.test(name) || path === config || path === env) continue;
      // What a link leads to is an account like any other.
      if (!entry.isFile() && !(entry.isSymbolicLink() && (await leadsToFile(path)))) continue;
      const content = name.endsWith('.sqlite')
        ? await databaseCopy(path, join(scratch, 'copy.sqlite'))
        : await readFile(path).catch(unlessGone);
      if (content !== undefined) files[places.directory + name] = content;
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return files;
}

async function leadsToFile(link: string): Promise<boolean> {
  return (await stat(link).catch(() => undefined))?.isFile() === true;
}

/** A gateway that runs replaces and removes files meanwhile. */
function unlessGone(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

async function databaseCopy(file: string, copy: string): Promise<Uint8Array> {
  await rm(copy, { force: true });
  const database = new Database(file, { readonly: true });
  try {
    database.run('VACUUM INTO ?', [copy]);
  } finally {
    database.close();
  }
  return readFile(copy);
}
