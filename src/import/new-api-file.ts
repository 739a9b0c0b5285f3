/**
 * The channels and tokens of new-api or one-api: from its SQLite database, or from JSON as its API lists them.
 * Source: github.com/QuantumNous/new-api, model/channel.go, model/token.go (columns and names of JSON), model/main.go (one-api.db).
 */
import { constants, Database } from 'bun:sqlite';
import { cp, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Json, JsonObject } from '../protocols/json.ts';
import { asObject, asObjects } from '../protocols/json-members.ts';
import { readJson5 } from './source-text.ts';

export type NewApiRows =
  | { ok: true; channels: JsonObject[]; tokens: JsonObject[] }
  | { ok: false; sentence: string };

/** The most rows of a table; real ones have fewer channels. */
const mostRows = 10_000;

/** Bytes that are copied where the newest rows are not in the database itself yet. */
const mostCopied = 512 * 1024 * 1024;

export async function readNewApi(path: string): Promise<NewApiRows> {
  return (await isDatabase(path)) ? fromDatabase(path) : fromJson(path);
}

async function isDatabase(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return false;
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.toString('latin1', 0, bytesRead) === 'SQLite format 3\0';
  } finally {
    await file.close();
  }
}

/** Nothing is written beside it: what other programs have in a log is read from a copy. */
async function fromDatabase(path: string): Promise<NewApiRows> {
  const log = await stat(`${path}-wal`).catch(() => undefined);
  if (log === undefined || log.size === 0) return rowsOf(path, path);
  const size = (await stat(path)).size + log.size;
  if (size > mostCopied)
    return {
      ok: false,
      sentence: `${path} has changes that are not in it yet, and is too large to be copied: stop new-api and try again`,
    };
  const directory = await mkdtemp(join(tmpdir(), 'cli-proxy-api-import-'));
  try {
    const copy = join(directory, basename(path));
    await cp(path, copy);
    await cp(`${path}-wal`, `${copy}-wal`);
    return rowsOf(copy, path, { changing: true });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function rowsOf(path: string, shown: string, { changing = false } = {}): NewApiRows {
  let database: Database | undefined;
  try {
    database = changing
      ? new Database(path, constants.SQLITE_OPEN_READWRITE)
      : new Database(
          `${pathToFileURL(path).href}?immutable=1`,
          constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI,
        );
    const channels = table(database, 'channels');
    if (channels === undefined)
      return { ok: false, sentence: `${shown} has no table of channels: it is no database of new-api` };
    return { ok: true, channels, tokens: table(database, 'tokens') ?? [] };
  } catch {
    return { ok: false, sentence: `${shown} is a SQLite database that cannot be read; it may be damaged` };
  } finally {
    database?.close();
  }
}

/** Columns are others in every version, and each is looked for by its name. */
function table(database: Database, name: 'channels' | 'tokens'): JsonObject[] | undefined {
  const found = database.query("select 1 from sqlite_master where type = 'table' and name = ?").get(name);
  if (found === null) return undefined;
  return asObjects(plain(database.query(`select * from ${name} order by id limit ${mostRows}`).all()));
}

/** Texts that are kept as bytes, too. */
function plain(rows: readonly unknown[]): Json[] {
  return rows.flatMap((row) => {
    if (typeof row !== 'object' || row === null) return [];
    const entries = Object.entries(row).map(([key, value]: [string, unknown]): [string, Json] => [
      key,
      value instanceof Uint8Array
        ? new TextDecoder().decode(value)
        : typeof value === 'string' || typeof value === 'number'
          ? value
          : typeof value === 'bigint'
            ? Number(value)
            : null,
    ]);
    return [Object.fromEntries(entries)];
  });
}

/** An answer of `/api/channel/` and its like, its list alone, or `{channels, tokens}` of several put together. */
async function fromJson(path: string): Promise<NewApiRows> {
  const file = await readJson5(path, 'data');
  if (!file.ok) return file;
  const { content } = file;
  const listed = listIn(content) ?? listIn(content.channels);
  if (listed === undefined || (listed.length > 0 && !listed.some(isChannel)))
    return { ok: false, sentence: `${path} has no channels: it is none of new-api's files` };
  return { ok: true, channels: listed.slice(0, mostRows), tokens: listIn(content.tokens) ?? [] };
}

function listIn(value: Json | undefined): JsonObject[] | undefined {
  if (Array.isArray(value)) return asObjects(value);
  const group = asObject(value);
  if (group === undefined) return undefined;
  const data = group.data ?? group.items;
  if (data === undefined) return undefined;
  return Array.isArray(data) ? asObjects(data) : (listIn(asObject(data)?.items) ?? undefined);
}

function isChannel(row: JsonObject): boolean {
  return typeof row.type === 'number' && (row.models !== undefined || row.base_url !== undefined);
}
