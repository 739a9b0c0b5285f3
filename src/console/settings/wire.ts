/** What the pages about the configuration get of the server: shapes alone. Secrets are never in them. */

export const subjects = [
  'server',
  'routing',
  'retries',
  'limits',
  'models',
  'network',
  'logging',
  'usage',
  'quota',
  'alerts',
  'monitoring',
  'accounts',
  'bounds',
  'other',
] as const;
export type Subject = (typeof subjects)[number];

/** How a setting is entered; `yaml` is what no form has a place for. */
export type SettingKind = 'flag' | 'number' | 'text' | 'choice' | 'lines' | 'secret' | 'yaml';

export interface SettingField {
  /** As it is known in the file: `routing.strategy`. */
  key: string;
  path: readonly string[];
  subject: Subject;
  kind: SettingKind;
  /** What it may be, of a `choice`. */
  choices: readonly string[];
  /** The end of "expected …". */
  expects: string;
  description: string;
  /** As it would be written; null without one. */
  default: string | number | boolean | null;
  /** The value in the file, null without one; of a secret only whether there is one. */
  written: WrittenSetting | null;
  /** It comes into force with the next start. */
  atStart: boolean;
}

/** `other` is a value that the form's field cannot show: it is changed in the YAML. */
export type WrittenSetting =
  | { as: 'value'; value: string | number | boolean }
  | { as: 'lines'; value: readonly string[] }
  | { as: 'secret' }
  | { as: 'other'; entries: number };

/** What is wrong at a place of the file, or may be. Lines count from 1; 0 is the whole file. */
export interface ConfigNote {
  line: number;
  key: string;
  message: string;
  hint: string | null;
}

export interface Settings {
  /** The file. */
  file: string;
  etag: string;
  /** With placeholders for its secrets. */
  text: string;
  fields: SettingField[];
  /** `model-routes` as the file has them. */
  routes: Record<string, unknown>;
  /** Why the file as it is does not load; then what was in force before still is. */
  problems: ConfigNote[];
  warnings: ConfigNote[];
}

/** A value of a setting, null to take it out of the file. */
export interface SettingChange {
  path: readonly string[];
  value: unknown;
}

/** What is to become of the file: another text, or some of its settings. */
export type Proposal = { text: string } | { changes: readonly SettingChange[] };

/** What would become of it. */
export interface Proposed {
  etag: string;
  /** The present text and the new one: with placeholders for secrets. */
  before: string;
  after: string;
  problems: ConfigNote[];
  warnings: ConfigNote[];
  /** Keys that would come into force with the next start. */
  atStart: string[];
}

/** The answer to a change that was made. */
export interface SavedSettings {
  settings: Settings;
  atStart: string[];
}

/** A kept text of the file, and that which is there. */
export interface ComparedVersion {
  text: string;
  current: string;
}
