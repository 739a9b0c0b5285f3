/**
 * The one way in which the program changes its configuration file: the text is edited, loaded as the gateway would load it,
 * written whole, and what was there before is kept. Writers of all processes take turns.
 */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { lockFile } from '../accounts/account-lock.ts';
import { makePrivateDirectory } from '../accounts/atomic-write.ts';
import { readConfigText } from '../config/config-text.ts';
import { variablesFor } from '../config/env-file.ts';
import { type Environment, expandEnvironment } from '../config/environment.ts';
import { type Group, isGroup } from '../config/group.ts';
import { type ConfigProblem, type ConfigResult, digestOf, parseConfigYielding } from '../config/load.ts';
import { YamlBoundError } from '../config/yielding-parse.ts';
import { type Clock, systemClock } from '../ground/clock.ts';
import { hasSameContents, type MadeText, madeYielding } from './edit-text.ts';
import { sectionsEdited } from './section-edit.ts';
import {
  carryVersions,
  keepVersion,
  type ListedVersion,
  listed,
  readVersions,
  type StoredVersion,
  versionsDirectory,
} from './versions.ts';
import { writeFileKeepingMode } from './write-file.ts';

export type LoadedConfig = Extract<ConfigResult, { ok: true }>;

/** Why a change was not made. Sentences hold no secrets. */
export type Refusal =
  /** The file is not the one that the writer had seen. */
  | { reason: 'changed'; etag: string }
  /** The file as it is cannot be edited. */
  | { reason: 'unreadable'; sentence: string }
  /** With the change it would not load. */
  | { reason: 'invalid'; problems: readonly ConfigProblem[] }
  /** It would load, but must not. */
  | { reason: 'refused'; sentence: string }
  | { reason: 'unwritable'; sentence: string }
  | { reason: 'no-version'; sentence: string };

export type Change =
  | { ok: true; text: string; etag: string; changed: boolean; config: LoadedConfig }
  | ({ ok: false } & Refusal);

/** Who changes the file, and what: for the versions. Names, never secrets. */
export interface Author {
  who: string;
  what: string;
  /** The `etag` of the text that the change was made for; whichever text is there without it. */
  ifMatch?: string | undefined;
}

/** Compares the settings that would apply with those that do; returns why they must not apply. */
export type ConfigCheck = (next: LoadedConfig) => string | undefined | Promise<string | undefined>;

export interface ConfigFile {
  /** The file, absolute. */
  path: string;
  /** Rejects with the file system's error. */
  read(): Promise<{ text: string; etag: string }>;
  /** Changes the contents of the file; everything unchanged stays as written. */
  edit(change: (contents: Group) => Group, author: Author, check?: ConfigCheck): Promise<Change>;
  /** Puts a whole text in its place. */
  replace(text: string, author: Author, check?: ConfigCheck): Promise<Change>;
  /** The newest first. */
  versions(): Promise<ListedVersion[]>;
  version(id: string): Promise<StoredVersion | undefined>;
  /** Puts a version back, as {@link replace} does; without an id the one before that which is there. */
  restore(id: string | undefined, author: Author): Promise<Change>;
}

/** What keeps the text in the place of the file: of a cluster, for all its replicas. */
export interface ConfigText {
  /** The text in force for this process. Rejects where there is none to be had. */
  read(): Promise<string>;
  /** Puts a text in the place of the one that was read; else why it cannot be, as a sentence or as a change of somebody else's. */
  write(
    before: string,
    text: string,
    author: Author,
  ): Promise<{ ok: true } | { ok: false; sentence: string }>;
}

export interface ConfigFileOptions {
  file: string;
  /** In the place of the file's own text. */
  kept?: ConfigText | undefined;
  env: Environment;
  /** Where versions are kept. */
  authDir: () => string;
  now: Clock['now'];
  /** What else must hold for a text to be written. */
  check?: ConfigCheck;
  /** The settings in force, mostly those of the file: it need not be read again. */
  known?: () => Pick<LoadedConfig, 'digest' | 'contents'>;
  /** Called for a text that was written, before the next writer's turn. */
  written?: (config: LoadedConfig) => Promise<void>;
}

/** Milliseconds that a writer waits for others. */
const longestWait = 10_000;

/** A text to write; `isMeant` checks its contents. `otherwise`: another way to make it, if this one has other contents. */
interface NewText {
  text: string;
  isMeant?: (contents: unknown) => boolean;
  otherwise?: (() => Promise<NewText | Refusal>) | undefined;
}

const noPlace = (path: string): string => `${path} is written in a way that this change has no place in.`;

/** What a text is known by over the API: an entity tag, RFC 9110 §8.8.3. */
function etagOf(text: string): string {
  return `"${digestOf(text).slice(0, 32)}"`;
}

export function createConfigFile(options: ConfigFileOptions): ConfigFile {
  const { file, env, authDir, now, check, written, kept, known } = options;
  const path = resolve(file);
  const readText = (): Promise<string> => kept?.read() ?? readConfigText(path);
  let turn: Promise<unknown> = Promise.resolve();

  async function read() {
    const text = await readText();
    return { text, etag: etagOf(text) };
  }

  /** One after the other here, and one at a time on this computer. */
  function serially(work: () => Promise<Change>): Promise<Change> {
    const mine = turn.then(async (): Promise<Change> => {
      const unlock = await lockVersions(authDir());
      if (unlock === undefined)
        return {
          ok: false,
          reason: 'unwritable',
          sentence: 'Another program has been changing the file for ten seconds.',
        };
      try {
        return await work();
      } finally {
        unlock();
      }
    });
    turn = mine.catch(() => {});
    return mine;
  }

  function change(
    make: (text: string) => Promise<NewText | Refusal>,
    author: Author,
    own?: ConfigCheck,
  ): Promise<Change> {
    return serially(async () => {
      let before: string;
      try {
        before = await readText();
      } catch (error) {
        return { ok: false, reason: 'unreadable', sentence: `${path} cannot be read: ${String(error)}` };
      }
      const etag = etagOf(before);
      if (author.ifMatch !== undefined && !matches(author.ifMatch, etag))
        return { ok: false, reason: 'changed', etag };
      const variables = await variablesFor(path, env);
      const load = ({ text }: NewText) => parseConfigYielding(text, { file: path, env, variables });
      let made = await make(before);
      if ('reason' in made) return { ok: false, ...made };
      let loaded = await load(made);
      if (made.otherwise !== undefined && !saysWhatItShould(loaded, made)) {
        made = await made.otherwise();
        if ('reason' in made) return { ok: false, ...made };
        loaded = await load(made);
      }
      const { text, isMeant } = made;
      const unfit = { ok: false, reason: 'unreadable', sentence: noPlace(path) } as const;
      if (!loaded.ok) {
        return isMeant !== undefined && isNoYaml(loaded)
          ? unfit
          : { ok: false, reason: 'invalid', problems: loaded.problems };
      }
      if (isMeant?.(loaded.contents) === false) return unfit;
      const refused = (await own?.(loaded)) ?? (await check?.(loaded));
      if (refused !== undefined) return { ok: false, reason: 'refused', sentence: refused };
      if (text === before) return { ok: true, text, etag, changed: false, config: loaded };
      const stored = await put(before, text, author);
      if (stored !== undefined) return { ok: false, reason: 'unwritable', sentence: stored };
      const next = loaded.config['auth-dir'];
      // What can be put back stays so; where it cannot be, the change is made all the same.
      if (next !== authDir()) await carryVersions(authDir(), next, path).catch(() => {});
      await written?.(loaded);
      return { ok: true, text, etag: etagOf(text), changed: true, config: loaded };
    });
  }

  /** Undefined when it is done. */
  async function put(before: string, text: string, { who, what }: Author): Promise<string | undefined> {
    const edited = await stat(path).catch(() => undefined);
    const isKept = await keepVersion(authDir(), {
      file: path,
      text: before,
      who: 'an editor',
      what: 'the file was edited',
      time: Math.floor(edited?.mtimeMs ?? now()),
    }).then(
      () => true,
      () => false,
    );
    const result = await (kept?.write(before, text, { who, what }) ??
      writeFileKeepingMode(path, text, isKept));
    if (!result.ok) return result.sentence;
    // Where none can be kept, the change is made all the same: the file itself is whole.
    if (isKept) await keepVersion(authDir(), { file: path, text, who, what, time: now() }).catch(() => {});
    return undefined;
  }

  /** The text with a change in the lines of the keys that change alone; undefined where that will not do. */
  async function textBySections(
    before: string,
    edit: (contents: Group) => Group,
    expanded: (written: string) => string,
  ): Promise<MadeText | undefined> {
    const inForce = known?.();
    if (inForce?.digest !== digestOf(before) || !isGroup(inForce.contents)) return undefined;
    const { contents } = inForce;
    const next = edit(contents);
    const text = await sectionsEdited(before, contents, next, expanded);
    return text === undefined ? undefined : { ok: true, text, next };
  }

  /** The text with a change, by a look at all of it. */
  function textOfAll(
    before: string,
    edit: (contents: Group) => Group,
    expanded: (written: string) => string,
  ): Promise<MadeText> {
    return madeYielding(before, edit, expanded).catch((error: unknown): MadeText => {
      if (error instanceof YamlBoundError) return { ok: false, reason: 'unreadable' };
      throw error;
    });
  }

  function replace(text: string, author: Author, own?: ConfigCheck): Promise<Change> {
    return change(async () => ({ text }), author, own);
  }

  return {
    path,
    read,
    replace,
    async edit(edit, author, own) {
      const variables = await variablesFor(path, env);
      const expanded = (written: string): string => {
        const expansion = expandEnvironment(written, variables);
        return expansion.ok ? expansion.text : written;
      };
      const fitted = (made: MadeText): NewText | Refusal => {
        if (!made.ok)
          return {
            reason: 'unreadable',
            sentence:
              made.reason === 'unfit'
                ? noPlace(path)
                : `${path} is no valid YAML now; repair it, or restore a version of it.`,
          };
        const { text, next } = made;
        return {
          text,
          isMeant: (contents) => hasSameContents(isGroup(contents) ? contents : {}, next, expanded),
        };
      };
      return change(
        async (before) => {
          const all = async () => fitted(await textOfAll(before, edit, expanded));
          const made = await textBySections(before, edit, expanded);
          return made === undefined ? all() : { ...fitted(made), otherwise: all };
        },
        author,
        own,
      );
    },
    async versions() {
      const text = await readText().catch(() => '');
      return listed(await readVersions(authDir(), path), text);
    },
    async version(id) {
      return (await readVersions(authDir(), path)).find((version) => version.id === id);
    },
    async restore(id, author) {
      const versions = await readVersions(authDir(), path);
      const digest = digestOf(await readText().catch(() => ''));
      const newest = versions.findIndex((version) => version.digest === digest);
      const meant = id === undefined ? versions[newest + 1] : versions.find((version) => version.id === id);
      if (meant === undefined)
        return {
          ok: false,
          reason: 'no-version',
          sentence:
            id === undefined
              ? 'No earlier version of the file is kept.'
              : `No version "${id}" of the file is kept.`,
        };
      return replace(meant.text, author);
    },
  };
}

/** Whether a text is YAML with the intended contents, even if it has other problems. */
function saysWhatItShould(loaded: ConfigResult, { isMeant }: NewText): boolean {
  return loaded.ok ? isMeant?.(loaded.contents) !== false : !isNoYaml(loaded);
}

function isNoYaml({ problems }: Extract<ConfigResult, { ok: false }>): boolean {
  return problems.some(({ key }) => key === '');
}

/** RFC 9110 §13.1.1: one of several, or any. */
function matches(given: string, etag: string): boolean {
  return given
    .split(',')
    .some((tag) => ['*', etag, etag.slice(1, -1)].includes(tag.trim().replace(/^W\//, '')));
}

/** Undefined where another holds it for too long. Where no lock can be had at all, nothing is locked. */
async function lockVersions(authDir: string): Promise<(() => void) | undefined> {
  try {
    await makePrivateDirectory(authDir);
    await makePrivateDirectory(versionsDirectory(authDir));
  } catch {
    return () => {};
  }
  const lock = await lockFile(versionsDirectory(authDir), {
    timeout: longestWait,
    now: systemClock.now,
    wait: systemClock.wait,
  });
  if (lock.ok) return lock.release;
  return lock.reason === 'busy' ? undefined : () => {};
}
