/** Settings files of clients as `connect` leaves them: a backup beside each, and a record by which `--undo` finds the way back. */
import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fileBehind, writeAtomically } from '../../accounts/atomic-write.ts';
import type { Client } from '../../clients/client.ts';
import { type Change, UneditableFile } from '../../clients/edit/change.ts';
import { edited, type Format, takenBack } from '../../clients/edit/edited.ts';
import { isGroup } from '../../config/group.ts';
import { errorCode } from '../../ground/error-code.ts';
import { reasonOf } from '../../ground/reason.ts';
import { Failure } from '../failure.ts';
import type { MadeKey } from './client-key.ts';

/** One file and its intended contents. */
export interface FileToWrite {
  path: string;
  format: Format;
  changes: readonly Change[];
}

const writtenFile = z.object({
  /** The file itself, behind links. */
  path: z.string(),
  format: z.enum(['json', 'toml', 'yaml', 'dotenv']),
  /** The file as it was; absent where there was none. */
  backup: z.string().optional(),
  /** SHA-256 of what was written. */
  digest: z.string(),
  /** The places of our values; for an entry in a list, its identifying member. */
  places: z.array(
    z.object({ path: z.array(z.string()), entry: z.object({ by: z.string(), is: z.string() }).optional() }),
  ),
  /** Directories that were made for it, innermost first. */
  directories: z.array(z.string()),
});
const madeKey: z.ZodType<MadeKey> = z.object({ config: z.string(), name: z.string(), id: z.string() });
const record = z.object({
  version: z.literal(1),
  files: z.array(writtenFile),
  clientKey: madeKey.optional(),
});
type WrittenFile = z.infer<typeof writtenFile>;
type Connected = Omit<z.infer<typeof record>, 'version'>;

/** What happened to a file, for a line on the terminal. */
export interface Outcome {
  path: string;
  what: 'written' | 'unchanged' | 'restored' | 'removed' | 'our values taken out';
  backup?: string | undefined;
}

/** A file as it is, and as it is to be. */
interface PlannedFile extends FileToWrite {
  old: string | undefined;
  next: string;
}

/** What would be written. Throws a {@link Failure} where one of the files cannot be edited. */
export async function planFiles(files: readonly FileToWrite[]): Promise<PlannedFile[]> {
  return Promise.all(
    files.map(async ({ path: named, format, changes }) => {
      const path = await fileBehind(named);
      const old = await readText(path);
      return { path, format, changes, old, next: uneditable(path, () => edited(old ?? '', format, changes)) };
    }),
  );
}

/** Writes what was planned. `home`: the program's directory. */
export async function writeFiles(
  home: string,
  client: string,
  planned: readonly PlannedFile[],
): Promise<Outcome[]> {
  const { files: before, clientKey } = await readRecord(home, client);
  const outcomes: Outcome[] = [];
  const written: WrittenFile[] = before.filter(({ path }) => !planned.some((file) => file.path === path));
  for (const { path, format, changes, old, next } of planned) {
    const earlier = before.find((file) => file.path === path);
    const same = old === next;
    const backup = earlier === undefined && old !== undefined && !same ? await backUp(path) : earlier?.backup;
    const directories = earlier?.directories ?? missingDirectories(dirname(path));
    const places = distinct([...(earlier?.places ?? []), ...changes.map(placeOf)]);
    if (!same || earlier !== undefined)
      written.push({ path, format, backup, digest: digestOf(next), places, directories });
    // The record comes first: whatever ends us between the two, there is a way back.
    const others = before.filter((file) => !written.some(({ path }) => path === file.path));
    await writeRecord(home, client, { files: [...written, ...others], clientKey });
    if (!same) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeAtomically(path, next);
    }
    outcomes.push({ path, what: same ? 'unchanged' : 'written', backup });
  }
  return outcomes;
}

/** Remembers a client key that is about to be written, so that there is a way back whatever ends us. */
export async function rememberKey(home: string, client: string, clientKey: MadeKey): Promise<void> {
  const { files } = await readRecord(home, client);
  await writeRecord(home, client, { files, clientKey });
}

/**
 * Takes everything back; the client key that was made is taken away by `removeKey`. Undefined where the client is not
 * connected.
 */
export async function undoFiles(
  home: string,
  { name: client, addsItself }: Pick<Client, 'name' | 'addsItself'>,
  removeKey: (key: MadeKey) => Promise<void>,
): Promise<Outcome[] | undefined> {
  const { files, clientKey } = await readRecord(home, client);
  if (files.length === 0 && clientKey === undefined) return undefined;
  // The key first: where it cannot be taken away, all can be tried again.
  if (clientKey !== undefined) await removeKey(clientKey);
  const outcomes: Outcome[] = [];
  for (const file of files) outcomes.push(await undone(file, addsItself));
  // Behind all files: several may lie in one. What others keep files in stays.
  const gone = outcomes.flatMap(({ path, what }) => (what === 'removed' ? path : []));
  const directories = files.flatMap((file) => (gone.includes(file.path) ? file.directories : []));
  for (const directory of directories.sort((one, other) => other.length - one.length))
    await rmdir(directory).catch(() => {});
  await rm(recordFile(home, client), { force: true });
  return outcomes;
}

/** Untouched since, the file is as it was to the byte; else our values alone go. */
async function undone(
  { path, format, backup, digest, places }: WrittenFile,
  addsItself: Client['addsItself'],
): Promise<Outcome> {
  const now = await readText(path);
  const original = backup === undefined ? undefined : await readText(backup);
  if (backup !== undefined && original === undefined)
    throw new Failure(
      'failure',
      `the backup ${backup} is gone`,
      `Take what cli-proxy-api has written out of ${path} by hand.`,
    );
  const next =
    now === undefined || digestOf(now) === digest
      ? original
      : asItWas(path, original, () =>
          takenBack(now, original ?? '', format, places.map(changeOf), addsItself),
        );
  if (next === original) {
    if (backup !== undefined) await rename(backup, path);
    else await rm(path, { force: true });
    return { path, what: backup === undefined ? 'removed' : 'restored' };
  }
  await writeAtomically(path, next ?? '');
  if (backup !== undefined) await rm(backup, { force: true });
  return { path, what: 'our values taken out' };
}

/** What a file is to hold; undefined where there was none, and nothing is left to hold. */
function asItWas(path: string, original: string | undefined, text: () => string): string | undefined {
  const left = uneditable(path, text);
  return left === '' && original === undefined ? undefined : left;
}

function changeOf({ path, entry }: Place): Change {
  return entry === undefined
    ? { path, value: undefined }
    : { path, value: { [entry.by]: entry.is }, entryBy: entry.by };
}

/** Throws a {@link Failure} instead of {@link UneditableFile}. */
function uneditable(path: string, edit: () => string): string {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof UneditableFile)) throw error;
    throw new Failure(
      'failure',
      `${path} is left as it is: ${error.message}`,
      'Fix it, or write the settings by hand: --print shows them.',
    );
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new Failure('failure', `${path} cannot be read: ${reasonOf(error)}`);
  }
}

/** A copy beside the file, with its mode; one that is there already stays. */
async function backUp(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const backup = `${path}.before-cli-proxy-api${number === 1 ? '' : `.${number}`}`;
    if (existsSync(backup)) continue;
    await copyFile(path, backup, constants.COPYFILE_EXCL);
    return backup;
  }
}

function missingDirectories(directory: string): string[] {
  const missing: string[] = [];
  for (let one = directory; !existsSync(one) && dirname(one) !== one; one = dirname(one)) missing.push(one);
  return missing;
}

type Place = WrittenFile['places'][number];

function placeOf({ path, value, entryBy }: Change): Place {
  const is = isGroup(value) && entryBy !== undefined ? value[entryBy] : undefined;
  return { path: [...path], ...(entryBy !== undefined && { entry: { by: entryBy, is: String(is) } }) };
}

function distinct(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}

function recordFile(home: string, client: string): string {
  return join(home, 'connected', `${client}.json`);
}

async function readRecord(home: string, client: string): Promise<Connected> {
  const file = recordFile(home, client);
  if (!existsSync(file)) return { files: [] };
  try {
    return record.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    throw new Failure(
      'failure',
      `${file} cannot be read`,
      'Remove it; the files as they were end in .before-cli-proxy-api.',
    );
  }
}

async function writeRecord(home: string, client: string, { files, clientKey }: Connected): Promise<void> {
  if (files.length === 0 && clientKey === undefined) return;
  const file = recordFile(home, client);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeAtomically(file, `${JSON.stringify({ version: 1, files, clientKey }, null, 2)}\n`);
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
