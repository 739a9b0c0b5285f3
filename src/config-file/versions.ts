/** The last texts of the configuration file, with who wrote them and when: for their owner alone, in the `auth-dir`. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { makePrivateDirectory, writeAtomically } from '../accounts/atomic-write.ts';
import { digestOf } from '../config/load.ts';

/** Versions that are kept. */
const mostVersions = 20;

const stored = z.object({
  file: z.string(),
  time: z.string(),
  who: z.string(),
  what: z.string(),
  digest: z.string(),
  text: z.string(),
});

/** A text that the file has had. */
export type StoredVersion = z.output<typeof stored> & { id: string };

/** The same as it is listed. */
export type ListedVersion = Omit<StoredVersion, 'text' | 'file'> & { bytes: number; current: boolean };

const named = /^(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)\.json$/;

/** The directory of the versions. */
export function versionsDirectory(authDir: string): string {
  return join(authDir, '.config-versions');
}

async function idsIn(authDir: string): Promise<string[]> {
  const names = await readdir(versionsDirectory(authDir)).catch(() => []);
  return names.flatMap((name) => named.exec(name)?.[1] ?? []).sort();
}

async function readVersion(authDir: string, id: string): Promise<StoredVersion | undefined> {
  try {
    const text = await readFile(join(versionsDirectory(authDir), `${id}.json`), 'utf8');
    return { ...stored.parse(JSON.parse(text)), id };
  } catch {
    // Taken away meanwhile, or damaged: it is not there.
    return undefined;
  }
}

/** The versions of a file, the newest first. */
export async function readVersions(authDir: string, file: string): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = [];
  for (const id of (await idsIn(authDir)).reverse()) {
    const version = await readVersion(authDir, id);
    if (version?.file === file) versions.push(version);
  }
  return versions;
}

export interface NewVersion {
  file: string;
  text: string;
  who: string;
  what: string;
  /** Milliseconds since the epoch. */
  time: number;
}

/**
 * Keeps a text, unless it is the newest that is kept already, and lets the oldest go. Rejects with the file system's error where
 * nothing can be kept.
 */
export async function keepVersion(authDir: string, { time, ...version }: NewVersion): Promise<void> {
  const digest = digestOf(version.text);
  if ((await newestOf(authDir, version.file))?.digest === digest) return;
  await makePrivateDirectory(authDir);
  await makePrivateDirectory(versionsDirectory(authDir));
  const ids = await idsIn(authDir);
  const last = ids.at(-1);
  const after = last === undefined ? 0 : timeOf(last) + 1;
  const id = new Date(Math.max(time, after)).toISOString().replace(/[:.]/g, '-');
  const { file, ...rest } = version;
  // The file's name comes first, where it is found without reading all.
  const record = { file, ...rest, digest, time: new Date(time).toISOString() };
  await writeAtomically(join(versionsDirectory(authDir), `${id}.json`), JSON.stringify(record));
  let own = 0;
  for (const kept of [...ids, id].reverse())
    if (ids.length >= mostVersions && (await fileOf(authDir, kept)) === version.file && ++own > mostVersions)
      await rm(join(versionsDirectory(authDir), `${kept}.json`), { force: true });
}

async function newestOf(authDir: string, file: string): Promise<StoredVersion | undefined> {
  for (const id of (await idsIn(authDir)).reverse())
    if ((await fileOf(authDir, id)) === file) return readVersion(authDir, id);
  return undefined;
}

/** Bytes within which a record names the file of its text, at its beginning. */
const headBytes = 16 * 1024;

/** Which file a version is of, without reading its text; undefined for one that is damaged. */
async function fileOf(authDir: string, id: string): Promise<string | undefined> {
  try {
    const head = await Bun.file(join(versionsDirectory(authDir), `${id}.json`))
      .slice(0, headBytes)
      .text();
    const written = /^\{"file":("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
    return written === undefined ? undefined : z.string().parse(JSON.parse(written));
  } catch {
    return undefined;
  }
}

/** Copies the versions of a file into another `auth-dir`, from which on they are read. */
export async function carryVersions(from: string, to: string, file: string): Promise<void> {
  const versions = await readVersions(from, file);
  if (versions.length === 0) return;
  await makePrivateDirectory(to);
  await makePrivateDirectory(versionsDirectory(to));
  for (const { id, ...record } of versions)
    await writeAtomically(join(versionsDirectory(to), `${id}.json`), JSON.stringify(record));
}

/** Milliseconds since the epoch of an id. */
function timeOf(id: string): number {
  return Date.parse(id.replace(/T(\d\d)-(\d\d)-(\d\d)-/, 'T$1:$2:$3.'));
}

/** Versions as people see them; `text` is what the file holds now. */
export function listed(versions: readonly StoredVersion[], text: string): ListedVersion[] {
  const digest = digestOf(text);
  const current = versions.findIndex((version) => version.digest === digest);
  return versions.map(({ text: kept, file: _, ...version }, place) => ({
    ...version,
    bytes: Buffer.byteLength(kept),
    current: place === current,
  }));
}
