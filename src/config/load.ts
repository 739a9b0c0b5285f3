/** From the text of a configuration file to a configuration, or to everything that is wrong with it. */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { errorCode } from '../ground/error-code.ts';
import { foreignOwner } from '../ground/file-owner.ts';
import { shortened } from '../ground/shortened.ts';
import { atOnce, runYielding, yieldToEventLoop } from '../ground/steps.ts';
import { mistypedKindProblems, unknownKindWarnings } from './account-kinds.ts';
import { boundsInForce } from './bounds.ts';
import { clientKey } from './client-keys.ts';
import { clusterFromEnvironment, clusterProblems } from './cluster-keys.ts';
import { readConfigText } from './config-text.ts';
import { variablesFor } from './env-file.ts';
import type { Environment } from './environment.ts';
import { explainIssue } from './explain.ts';
import type { KeyNote } from './key-notes.ts';
import { homeDirectory } from './location.ts';
import { modelRouteProblems, modelRouteWarnings } from './model-route-problems.ts';
import { movedDocument } from './moved-keys.ts';
import { normalize } from './normalize.ts';
import { payloadWarnings } from './payload-warnings.ts';
import { inOwnPlaces } from './peer-spellings.ts';
import {
  type ConfigPlace,
  type ConfigProblem,
  type ConfigWarning,
  formatProblem,
  longestShownKey,
  withoutFound,
  withShortTexts,
} from './problem.ts';
import { doubledKeyProblems, repeatedKeyWarnings } from './protecting-keys.ts';
import { providersWithPaths } from './providers.ts';
import { type ClientKey, type Config, configSchema } from './schema.ts';
import { serviceWarnings } from './service-warnings.ts';
import { unsendableKey, unsendableKeyWarnings } from './unsendable-keys.ts';
import { parseYaml, parseYamlYielding, type YamlResult } from './yaml-document.ts';

export type { ConfigProblem, ConfigWarning };
export { formatProblem, withoutFound };

export interface ParseOptions {
  /** The file's name for messages; relative paths in the file start at its directory. */
  file: string;
  env: Environment;
  /** What `${NAME}` in the text may mean; without it the environment alone. */
  variables?: Environment;
}

export type ConfigResult =
  | {
      ok: true;
      config: Config;
      warnings: ConfigWarning[];
      keys: KeyNote[];
      digest: string;
      /** The contents of the file as written, without variables filled in and without defaults. */
      contents: unknown;
      /** What `${NAME}` in it means. */
      variables: Environment;
      /** Nothing but white space and comments: all of it is what is shipped. */
      empty: boolean;
    }
  | { ok: false; problems: ConfigProblem[]; digest: string };

/** SHA-256 of a text: shows whether a file has changed since it was read. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Reads a configuration. Reports everything that is wrong at once, in the order of the file. */
export function parseConfig(text: string, options: ParseOptions): ConfigResult {
  return atOnce(readYaml(parseYaml(text, options.file), text, options));
}

/** The same, yielding to everything else that runs. */
export async function parseConfigYielding(text: string, options: ParseOptions): Promise<ConfigResult> {
  const yaml = await parseYamlYielding(text, options.file);
  await yieldToEventLoop();
  return runYielding(readYaml(yaml, text, options));
}

/** Stops where others may run. */
function* readYaml(
  yaml: YamlResult,
  text: string,
  { file, env, variables = env }: ParseOptions,
): Generator<void, ConfigResult> {
  const digest = digestOf(text);
  if (!yaml.ok) return { ok: false, problems: yaml.problems.map(withShortTexts), digest };

  const { value: placed, moves } = inOwnPlaces(yaml.document.value);
  const document = movedDocument(yaml.document, placed, moves);
  yield;
  const normalized = normalize(configSchema, document, variables, file, moves);
  const { problems, warnings, notes } = normalized;
  const { value, set } = clusterFromEnvironment(normalized.value, env);
  const fromEnvironment = new Map([...normalized.fromEnvironment, ...set]);
  yield;
  const parsed = configSchema.safeParse(value);
  yield;
  const known = new Set(problems.map(({ key }) => key));
  for (const issue of parsed.error?.issues ?? [])
    for (const problem of explainIssue(issue, [], { file, document, value, fromEnvironment, moves }))
      if (!known.has(problem.key)) {
        known.add(problem.key);
        problems.push(problem);
      }
  const added = clientKeysFrom(env);
  problems.push(...added.problems);
  if (parsed.success)
    problems.push(
      ...doubledKeyProblems(parsed.data['api-keys'], file, document),
      ...modelRouteProblems(parsed.data['model-routes'], file, document),
      ...mistypedKindProblems(parsed.data, file, document),
      ...clusterProblems(parsed.data, file, document),
    );
  if (problems.length || !parsed.success) {
    return { ok: false, problems: problems.sort(inFileOrder).map(withShortTexts), digest };
  }

  const path = (written: string) => resolvePath(written, file, env);
  const { cert, key } = parsed.data.tls;
  const config: Config = {
    ...parsed.data,
    'api-keys': withoutRepeats([...parsed.data['api-keys'], ...added.keys]),
    'auth-dir': path(isWritten(value, 'auth-dir') ? parsed.data['auth-dir'] : homeDirectory(env)),
    log: { ...parsed.data.log, directory: parsed.data.log.directory && path(parsed.data.log.directory) },
    tls: { ...parsed.data.tls, cert: cert && path(cert), key: key && path(key) },
    'auth-encryption-key': parsed.data['auth-encryption-key']?.replace(
      /^file:(.*)$/s,
      (_, written: string) => `file:${path(written)}`,
    ),
    providers: providersWithPaths(parsed.data.providers, path),
    bounds: boundsInForce(parsed.data.bounds, writtenBounds(value), parsed.data['max-request-bytes']),
  };
  warnings.push(...modelRouteWarnings(config['model-routes'], file, document));
  warnings.push(...payloadWarnings(config.payload, file, document));
  warnings.push(...unknownKindWarnings(config, file, document));
  warnings.push(...serviceWarnings(config, file, document));
  warnings.push(...repeatedKeyWarnings(parsed.data['api-keys'], file, document));
  warnings.push(...added.warnings, ...unsendableKeyWarnings(parsed.data, file, document));
  warnings.push(...sampleKeyWarnings(config, file, document.position(['api-keys'], 'key')));
  return {
    ok: true,
    config,
    warnings: warnings.sort(inFileOrder).map(withShortTexts),
    keys: notes.sort(inFileOrder).map((note) => ({ ...note, key: shortened(note.key, longestShownKey) })),
    digest,
    contents: yaml.document.value,
    variables,
    empty: value === undefined || value === null || Object.keys(value).length === 0,
  };
}

function writtenBounds(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'bounds' in value ? value.bounds : undefined;
}

function isWritten(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && key in value;
}

function inFileOrder(one: ConfigPlace, other: ConfigPlace): number {
  return one.line - other.line || one.column - other.column;
}

/** Reads a configuration file. A file that cannot be read is a problem like any other. */
export async function loadConfig(
  path: string,
  { env }: Pick<ParseOptions, 'env'> = { env: process.env },
): Promise<ConfigResult> {
  try {
    const text = await readConfigText(path);
    return parseConfig(text, { file: path, env, variables: await variablesFor(path, env) });
  } catch (error) {
    const owner = await foreignOwner(path);
    return { ok: false, problems: [unreadable(path, error, owner)], digest: '' };
  }
}

const READ_ERRORS: Readonly<Record<string, { message: string; hint: string }>> = {
  ENOENT: { message: 'there is no such file', hint: 'name another one with --config, or start without one' },
  EACCES: { message: 'the file may not be read by this user', hint: 'give read permission: chmod u+r' },
  'no-file': { message: 'this is no regular file', hint: 'name a file of YAML text: --config FILE' },
  'too-large': {
    message: 'the file is larger than 8 MiB',
    hint: 'name the configuration file: --config FILE',
  },
  'no-text': {
    message: 'the file is no text in UTF-8',
    hint: 'save it in UTF-8, or look whether it is the file that was meant',
  },
  EISDIR: { message: 'this is a directory', hint: 'name the file in it: --config DIR/config.yaml' },
};

function unreadable(file: string, error: unknown, owner: string | undefined): ConfigProblem {
  const code = errorCode(error) ?? '';
  const words = READ_ERRORS[code] ?? { message: `the file cannot be read: ${String(error)}` };
  return { file, line: 0, column: 0, key: '', ...words, ...(owner !== undefined && { hint: owner }) };
}

/** The client keys of `CLI_PROXY_API_KEY`: one, or several with commas. */
function clientKeysFrom(env: Environment): {
  keys: ClientKey[];
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
} {
  const name = 'CLI_PROXY_API_KEY';
  const place = { file: 'environment', line: 0, column: 0, key: name };
  const keys: ClientKey[] = [];
  const problems: ConfigProblem[] = [];
  const warnings: ConfigWarning[] = [];
  for (const written of (env[name] ?? '').split(',').map((part) => part.trim())) {
    if (!written) continue;
    const parsed = clientKey.safeParse(written);
    if (!parsed.success) {
      problems.push({
        ...place,
        message: 'has the example key of the documentation, or a key with spaces or control characters',
        hint: 'put a key of your own there; several are separated by commas',
      });
      continue;
    }
    keys.push({ ...parsed.data, name });
    const unsendable = unsendableKey(parsed.data.key);
    if (unsendable !== undefined) warnings.push({ ...place, ...unsendable });
  }
  return { keys, problems, warnings };
}

function withoutRepeats(keys: readonly ClientKey[]): ClientKey[] {
  const seen = new Set<string>();
  return keys.filter(({ key }) => !seen.has(key) && seen.add(key));
}

/** `~` is the home directory; other relative paths start at the directory of the file. */
function resolvePath(written: string, file: string, env: Environment): string {
  const home = env.HOME || homedir();
  const expanded = written === '~' || written.startsWith('~/') ? home + written.slice(1) : written;
  return resolve(dirname(resolve(file)), expanded);
}

// The documentation that files are copied from shows these keys, so they protect nothing.
const SAMPLE_KEY = /^sk-your-(api-)?key(-\d+)?$/;

function sampleKeyWarnings(
  config: Config,
  file: string,
  position: { line: number; column: number },
): ConfigWarning[] {
  return config['api-keys'].some(({ key }) => SAMPLE_KEY.test(key))
    ? [
        {
          file,
          ...position,
          key: 'api-keys',
          message: 'has a key from the documentation, which is public',
        },
      ]
    : [];
}
