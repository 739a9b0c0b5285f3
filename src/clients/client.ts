/** What is known of a program that people point at the gateway: data in one file a client, listed in `registry.ts`. */
import type { Change } from './edit/change.ts';

/** The name of the gateway in clients that keep providers by name. */
export const providerId = 'cli-proxy-api';

/** The variables that lead programs to a proxy. */
export const proxyVariables = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'],
  ...['http_proxy', 'https_proxy', 'all_proxy'],
] as const;

/** Where a client is to ask, and for what. */
export interface Connection {
  /** Of the gateway, without a slash at the end and without `/v1`. */
  url: string;
  /** A client key; any text where the gateway has none, as clients insist on one. */
  key: string;
  /** The model it asks for, by a name that the gateway serves. */
  model: string;
  /** A cheap and quick one for titles, summaries and small agents; may be the same. */
  small: string;
  /** Models by the maker's own names of sizes, for a client that asks for these. */
  tiers: { opus: string; sonnet: string; haiku: string };
  /** All that the gateway serves, `model` among them. */
  models: readonly string[];
}

/** One start of a program with everything set, and nothing of the person's own files written. */
export interface Session {
  /** Environment: a text sets a variable, undefined takes it away. */
  env: Record<string, string | undefined>;
  /** Arguments in front of the person's own. */
  args?: readonly string[];
  /** Files in the session's private directory, which is gone afterwards, by their path in it. */
  files?: Record<string, string>;
}

/** A settings file of the client, and what is written into it. */
export interface SettingsFile {
  /** Candidates in the order of preference; the first that exists, else the first. */
  paths: readonly string[];
  format: 'json' | 'toml' | 'yaml' | 'dotenv';
  changes: readonly Change[];
}

/** Directories that settings files are found from. */
export interface Places {
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

export interface Client {
  /** As typed: `connect claude`. */
  name: string;
  /** Its own name. */
  title: string;
  /** The protocol that it speaks to the gateway: the request that proves a connection is of this one. */
  protocol: 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini';
  /** Models that it is made for, best first: the choice where the user names none. */
  prefers?: readonly RegExp[];
  /** The program that `run` starts, and how people get it. */
  program?: { command: string; install: string };
  /** How `run` starts it. `directory` is the session's own, for {@link Session.files}. */
  session?(connection: Connection, directory: string): Session;
  /** What `connect` writes. */
  settings?(connection: Connection, places: Places): readonly SettingsFile[];
  /** What a person does by hand: where there is no file to write, or instead of it. Lines to print. */
  recipe?(connection: Connection): string;
  /** Names at the top of its settings that it adds by itself when it starts: with these alone, a file is as it was. */
  addsItself?: readonly string[];
  /** Shown after `connect`: what files cannot do. */
  note?: string;
  /** Where the names of files, fields and variables are from. */
  source: string;
}
