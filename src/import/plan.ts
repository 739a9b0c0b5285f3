/** What another program's files hold that has a place here, and what has none: read first, applied after. */
import type { TokenReply } from '../oauth/grant.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { AccountKind } from '../providers/registry.ts';
import type { SourceObject } from './source-text.ts';

/** A key: the text itself, the environment variable that has it, or the text in the form of our config. */
export type SecretText = { value: string } | { variable: string } | { written: string };

/** A key of a credential, and its own settings: its weight, its proxy. */
export type ImportedKey = SecretText & { fields?: Record<string, unknown> };

/** An entry of a list of credentials: `openai-compatibility`, `claude-api-key`, …. */
export interface ImportedCredential {
  list: string;
  /** What the other program calls it. */
  title: string;
  /** All but the keys. */
  fields: Record<string, unknown>;
  keys: readonly ImportedKey[];
  models: readonly ImportedModel[];
}

export interface ImportedModel {
  name: string;
  alias?: string | undefined;
  /** The other settings of its entry: `thinking`, `display-name`. */
  [field: string]: unknown;
}

export interface ImportedClientKey {
  title: string;
  key: SecretText;
  /** `name`, `models`, limits. */
  fields: Record<string, unknown>;
}

export interface ImportedSetting {
  path: readonly string[];
  value: unknown;
  title: string;
  /** The value is a text that is kept where keys are kept. */
  secret?: boolean;
}

export interface ImportedAccount {
  kind: AccountKind;
  title: string;
  tokens: TokenReply;
  facts: AccountFacts;
  /** Its refresh token works once: two programs that have it sign each other out. */
  rotates: boolean;
}

/** An account file of the very format of ours. */
export interface ImportedFile {
  /** Absolute path. */
  path: string;
  kind: AccountKind;
  title: string;
  text: string;
  rotates: boolean;
}

/** A config in the very format of ours: where there is none yet its text becomes it, with all its comments. */
export interface ImportedText {
  text: string;
  /**
   * Takes out what has no place here, and the values at `unfit` (`port`, `claude-api-key[0].weight`); puts keys where they are
   * kept.
   */
  change: (
    contents: Record<string, unknown>,
    hidden: (text: string, name: string) => string,
    unfit: ReadonlySet<string>,
  ) => Record<string, unknown>;
}

/** Something that is not carried over. The reason is a sentence without a full stop. */
export interface LeftOut {
  title: string;
  reason: string;
}

export interface ImportPlan {
  credentials: ImportedCredential[];
  clientKeys: ImportedClientKey[];
  /** Entries of `model-routes` by their names. */
  routes: Record<string, unknown>;
  settings: ImportedSetting[];
  accounts: ImportedAccount[];
  files: ImportedFile[];
  /** Environment variables that are named outside of keys. */
  variables: string[];
  left: LeftOut[];
  whole?: ImportedText;
}

export function emptyPlan(): ImportPlan {
  return {
    credentials: [],
    clientKeys: [],
    routes: {},
    settings: [],
    accounts: [],
    files: [],
    variables: [],
    left: [],
  };
}

/** The plan, or a sentence with the reason why the file is not of that program; it contains no value of the file. */
export type ReadPlan = { ok: true; plan: ImportPlan } | { ok: false; sentence: string };

/** Where programs keep their files. */
export interface SourcePlaces {
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

export interface ImportSource {
  /** The name on the command line. */
  name: string;
  /** For people. */
  title: string;
  /** The file or directory that is read; undefined where one must be named. */
  usualPath: (places: SourcePlaces) => string | undefined;
  /** The file that is read of a directory, where it is not the one of {@link usualPath}. */
  fileName?: string;
  read: (path: string, places: SourcePlaces) => Promise<ReadPlan>;
}

/** A source that is one file: an object, and the plan that is made of it. */
export interface FileSource extends Omit<ImportSource, 'read'> {
  open: (path: string) => Promise<SourceObject>;
  plan: (content: JsonObject, path: string) => ReadPlan | Promise<ReadPlan>;
}

export function fileSource({ open, plan, ...source }: FileSource): ImportSource {
  return {
    ...source,
    async read(path) {
      const file = await open(path);
      return file.ok ? plan(file.content, path) : file;
    },
  };
}
