/**
 * The configuration of a replica: what all share comes from the cluster, addresses and engines from its own file, which may be
 * read-only. The first replica puts its file there; from then on only its own settings are read from the file.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Document, isMap, parseDocument } from 'yaml';
import { writeAtomically } from '../accounts/atomic-write.ts';
import type { Encryption } from '../accounts/encryption.ts';
import { ClusterRefused } from '../config/cluster-refused.ts';
import { readConfigText } from '../config/config-text.ts';
import type { ConfigText } from '../config-file/config-file.ts';
import type { Clock } from '../ground/clock.ts';
import { reasonOf } from '../ground/reason.ts';
import type { ConfigVault, SharedText } from './ports.ts';
import { isAway } from './postgres/failure.ts';

/** The settings that each replica reads from its own file. */
const ownKeys = [
  'host',
  'port',
  'tls',
  'auth-dir',
  'auth-encryption-key',
  'cluster',
  'metrics',
  'log',
] as const;

export interface SharedConfigOptions {
  vault: ConfigVault;
  /** The replica's own file. */
  file: string;
  encryption: Encryption;
  /** The `auth-dir`, where the last text that is known is kept, encrypted: a replica starts without Postgres, too. */
  directory: string;
  clock: Clock;
  warn: (sentence: string) => void;
}

export interface SharedConfig extends ConfigText {
  /**
   * Looks whether there is another text, by itself too: calls the handler then. `warn`: the file has settings that are not in force,
   * since they are not read from it.
   */
  follow(changed: () => void, warn: (sentence: string) => void): void;
  /** Puts the file's text in the place of what is shared. */
  importFile(who: string): Promise<{ ok: true } | { ok: false; sentence: string }>;
  close(): void;
}

/** Milliseconds between two looks without a notification. */
const lookEvery = 30_000;

export async function openSharedConfig(options: SharedConfigOptions): Promise<SharedConfig> {
  const { vault, file, encryption, directory, clock, warn } = options;
  const cache = join(directory, '.cluster', 'config.sealed');
  let shared: SharedText | undefined;
  /** The text as it was put together last, or written here, and what it was put together of. */
  let whole: { version: number; own: string; text: string } | undefined;
  let changed = (): void => {};
  let warnOfFile = (_: string): void => {};
  /** The file as it was looked at last for what is in vain in it. */
  let lookedAt: string | undefined;

  async function look(): Promise<void> {
    const newest = (await vault.newest()) ?? (await seeded());
    if (newest === undefined || newest.version === shared?.version) return;
    shared = newest;
    // First in force, then kept: a client key that was taken away waits for no disk, and not for one that is full.
    changed();
    await remember(newest).catch((error: unknown) =>
      warn(`the configuration of the cluster cannot be kept in ${cache}: ${String(error)}`),
    );
  }

  /** The first replica writes its file; the others read that. */
  async function seeded(): Promise<SharedText | undefined> {
    const author = { who: 'the first replica', what: 'its file was taken' };
    await vault.put(withoutOwn(await readConfigText(file)), 0, author);
    return vault.newest();
  }

  async function remember({ version, text }: SharedText): Promise<void> {
    await mkdir(join(directory, '.cluster'), { recursive: true, mode: 0o700 });
    await writeAtomically(cache, await encryption.seal(JSON.stringify({ version, text })));
  }

  async function remembered(): Promise<SharedText | undefined> {
    const opened = await encryption.open(await readFile(cache, 'utf8').catch(() => ''));
    if (!opened.ok || opened.text === '') return undefined;
    const value: unknown = JSON.parse(opened.text);
    if (typeof value !== 'object' || value === null || !('version' in value) || !('text' in value))
      return undefined;
    const { version, text } = value;
    return typeof version === 'number' && typeof text === 'string' ? { version, text } : undefined;
  }

  try {
    await look();
  } catch (error) {
    // With another key, or a file that is no configuration, it would go by client keys that may have been taken away.
    if (!isAway(error)) throw new ClusterRefused(reasonOf(error));
    shared = await remembered().catch(() => undefined);
    const from = shared === undefined ? 'its file' : 'what it knew last';
    warn(`Postgres is down: this replica uses ${from} until it is back (${error.message})`);
  }

  const endings: (() => void)[] = [];

  /** A change of the file that changes nothing is not to look like one that does. */
  function lookAtFile(own: string): void {
    if (shared === undefined || own === lookedAt) return;
    const [before, now, inForce] = [contentOf(lookedAt ?? ''), contentOf(own), contentOf(shared.text)];
    lookedAt = own;
    const vain = Object.keys({ ...before, ...now }).filter(
      (key) =>
        !isOwn(key) && !Bun.deepEquals(now[key], before[key]) && !Bun.deepEquals(now[key], inForce[key]),
    );
    if (vain.length > 0)
      warnOfFile(
        `${file} differs from the cluster in ${vain.join(', ')}, and the cluster's settings apply: change them in the console or over the management API, or import the file's with "cli-proxy-api config import"`,
      );
  }

  async function read(): Promise<string> {
    const own = await readConfigText(file);
    if (shared === undefined) return own;
    lookAtFile(own);
    if (whole?.version === shared.version && whole.own === own) return whole.text;
    whole = { version: shared.version, own, text: combined(shared.text, own) };
    return whole.text;
  }

  async function put(
    text: string,
    who: string,
    what: string,
  ): Promise<{ ok: true } | { ok: false; sentence: string }> {
    const after = shared?.version ?? 0;
    try {
      if (!(await vault.put(withoutOwn(text), after, { who, what }))) {
        await look();
        return {
          ok: false,
          sentence: 'Another replica changed the configuration at this moment: look, and try again.',
        };
      }
    } catch (error) {
      return {
        ok: false,
        sentence: `The configuration of the cluster cannot be changed while Postgres is away: ${String(error)}`,
      };
    }
    shared = { version: after + 1, text: withoutOwn(text) };
    await remember(shared).catch(() => {});
    return { ok: true };
  }

  return {
    read,
    async write(before, text, { who, what }) {
      // One that is left out is no change of it: it is the file's still.
      const [was, is] = [contentOf(before), contentOf(text)];
      const own = ownKeys.find((key) => key in is && !Bun.deepEquals(was[key], is[key]));
      if (own !== undefined)
        return {
          ok: false,
          sentence: `${own} is each replica's own: change it in ${file}, which is not shared.`,
        };
      const result = await put(text, who, what);
      // What was written is in force as it was written, until somebody changes it.
      if (result.ok && shared !== undefined) {
        const local = await readConfigText(file);
        const complete = ownKeys.every((key) => Bun.deepEquals(was[key], is[key]));
        whole = {
          version: shared.version,
          own: local,
          text: complete ? text : combined(shared.text, local),
        };
      }
      return result;
    },
    follow(handler, warn) {
      changed = handler;
      warnOfFile = warn;
      lookedAt = undefined;
      void readConfigText(file)
        .then(lookAtFile)
        .catch(() => {});
      const again = (): void =>
        void look().catch(() => {
          // The next look finds it.
        });
      endings.push(vault.onChange(again), clock.every(lookEvery, again));
    },
    async importFile(who) {
      await look();
      return put(await readConfigText(file), who, 'the file was taken');
    },
    close() {
      for (const end of endings) end();
    },
  };
}

function isOwn(key: string): boolean {
  return ownKeys.some((own) => own === key);
}

function contentOf(text: string): Record<string, unknown> {
  const value: unknown = parseDocument(text).toJS();
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function withoutOwn(text: string): string {
  const document = parseDocument(text);
  if (isMap(document.contents)) for (const key of ownKeys) document.delete(key);
  return document.toString({ lineWidth: 0 });
}

/** What is shared, with the own keys of the file in it. */
function combined(text: string, own: string): string {
  const document: Document = parseDocument(text);
  const local = parseDocument(own);
  if (!isMap(local.contents)) return text;
  if (!isMap(document.contents)) document.contents = document.createNode({});
  for (const key of ownKeys) {
    if (local.has(key)) document.set(key, local.get(key, true));
    else document.delete(key);
  }
  return document.toString({ lineWidth: 0 });
}
