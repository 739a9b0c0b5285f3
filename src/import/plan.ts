/** What another program's files hold that has a place here, and what has none: read first, applied after. */
import type { TokenReply } from '../oauth/grant.ts';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { AccountKind } from '../providers/registry.ts';

/** A key: the text itself, or the environment variable that has it. */
export type SecretText = { value: string } | { variable: string };

/** An entry of a list of credentials: `openai-compatibility`, `claude-api-key`, …. */
export interface ImportedCredential {
  list: string;
  /** What the other program calls it. */
  title: string;
  /** All but the keys. */
  fields: Record<string, unknown>;
  keys: readonly SecretText[];
  models: readonly ImportedModel[];
}

export interface ImportedModel {
  name: string;
  alias?: string | undefined;
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
}

export interface ImportedAccount {
  kind: AccountKind;
  title: string;
  tokens: TokenReply;
  facts: AccountFacts;
  /** Its refresh token works once: two programs that have it sign each other out. */
  rotates: boolean;
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
  left: LeftOut[];
}

export function emptyPlan(): ImportPlan {
  return { credentials: [], clientKeys: [], routes: {}, settings: [], accounts: [], left: [] };
}

/** The plan, or a sentence that says why the file is none of that program's; it shows no value of the file. */
export type ReadPlan = { ok: true; plan: ImportPlan } | { ok: false; sentence: string };

/** Where the source is: the path that was given, or the usual one. */
export interface SourcePlaces {
  path: string | undefined;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

export interface ImportSource {
  /** The name on the command line. */
  name: string;
  /** For people. */
  title: string;
  /** The file or directory that is read; undefined where one must be named. */
  usualPath: (places: Omit<SourcePlaces, 'path'>) => string | undefined;
  read: (path: string) => Promise<ReadPlan>;
}
