/** A problem of a configuration file, worded so that its owner can repair it without the manual. */
import { shortened } from '../ground/shortened.ts';
import { keyLists } from '../providers/registry.ts';

/** A place in the file. Line and column count from 1; line 0 means that the file as a whole is meant. */
export interface ConfigPlace {
  file: string;
  line: number;
  column: number;
  /** The key with its way from the top: `gemini-api-key[0].models[1].name`. Empty for the whole file. */
  key: string;
}

/** A setting that the server cannot start with. */
export interface ConfigProblem extends ConfigPlace {
  /** One sentence, complete without the other fields. */
  message: string;
  /** The value in the file; secrets are replaced by their length. */
  found?: string;
  /** The permitted values. */
  expected?: string;
  /** What to do. */
  hint?: string;
}

/** A setting that changes nothing or is likely a mistake; the server starts. */
export interface ConfigWarning extends ConfigPlace {
  message: string;
  /** What to do. */
  hint?: string;
}

export type PathSegment = string | number;

/** `['models', 0, 'name']` → `models[0].name`. */
export function dottedPath(path: readonly PathSegment[]): string {
  let dotted = '';
  for (const segment of path)
    if (typeof segment === 'number') dotted += `[${segment}]`;
    else dotted += dotted ? `.${segment}` : segment;
  return dotted;
}

/** `config.yaml:12:5  port: expected …`, with a second line for the hint. Warnings print the same way. */
export function formatProblem(problem: ConfigProblem | ConfigWarning): string {
  const position = problem.line > 0 ? `:${problem.line}:${problem.column}` : '';
  const place = problem.file ? `${problem.file}${position}  ` : '';
  const key = problem.key ? `${problem.key}: ` : '';
  const hint = 'hint' in problem && problem.hint ? `\n    hint: ${problem.hint}` : '';
  return `${place}${key}${problem.message}${hint}`;
}

/** `line 12: `, for sentences that name the file otherwise; nothing of what is about all of it. */
export function inLine({ line }: ConfigPlace): string {
  return line > 0 ? `line ${line}: ` : '';
}

/** `line 12: port expected …`: what is wrong, for sentences that name the file otherwise. */
export function problemInLine(problem: ConfigProblem | ConfigWarning): string {
  return inLine(problem) + [problem.key, problem.message].filter(Boolean).join(' ');
}

/** The most characters of a key that a message contains. */
export const longestShownKey = 200;

/** The problem with as much of the file's value as fits into a sentence. */
export function withShortTexts<P extends ConfigProblem | ConfigWarning>(problem: P): P {
  const { key, message, hint } = problem;
  return {
    ...problem,
    key: shortened(key, longestShownKey),
    message: shortened(message),
    ...(hint !== undefined && { hint: shortened(hint) }),
  };
}

/** The same without what the file has there: for the sender of the file, and for stored answers. */
export function withoutFound(problem: ConfigProblem): ConfigProblem {
  const { found, expected, hint, ...rest } = problem;
  if (found === undefined || expected === undefined || !problem.message.includes(found)) return problem;
  const repeated = hint?.includes(found.replace(/^"|"$/g, '')) === true;
  return {
    ...rest,
    message: `expected ${expected}, found something else (not shown)`,
    ...(hint !== undefined && !repeated && { hint }),
  };
}

/** Anything long without spaces that has letters and digits. */
const longWord = /^(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[\w+/=.~-]{28,}$/;

const keyStarts = keyLists.flatMap(([, { keyStart }]) => keyStart ?? []);

const listNames = keyLists.map(([name]) => name);

/** Whether a text is likely a credential, in any place. */
export function looksSecret(text: string): boolean {
  return beginsAsKey(text) || (longWord.test(text) && !isListName(text));
}

/** Whether a text begins as the keys that providers hand out. */
export function beginsAsKey(text: string): boolean {
  if (isListName(text)) return false;
  return (
    /^(sk[-_]|ya29\.|gsk_|gh[pousr]_|github_pat_|hf_|Bearer )/.test(text) ||
    keyStarts.some((start) => text.startsWith(start))
  );
}

/** `xai-api-key` begins as keys of xAI do. */
function isListName(text: string): boolean {
  return listNames.some((name) => text.startsWith(name));
}

/** The way to a key for people: a credential that was pasted where a key belongs is not printed either. */
export function shownPath(path: readonly PathSegment[]): string {
  return dottedPath(
    path.map((segment) => (typeof segment === 'string' && looksSecret(segment) ? '…' : segment)),
  );
}

/** The same for a way that is written already, with its points: long ones of several words are no credential. */
export function shownKey(key: string): string {
  return shownPath(key.split('.'));
}

/** A value of the file in words; `secret` values and those that look like credentials show only their length. */
export function describeValue(value: unknown, secret: boolean): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return value.length ? 'a list' : 'an empty list';
  if (typeof value === 'object') return 'keys with values';
  const shown = String(value);
  if (shown === '') return 'an empty text';
  if (secret || looksSecret(shown)) return `a value of ${shown.length} characters (not shown)`;
  const bare = shown.replace(/^([a-z][\w+.-]*:\/\/)?.*@/is, '$1…@').replace(/\?.*$/s, '?…'); // user:password, ?key=…
  const short = bare.length > 60 ? `${bare.slice(0, 57)}…` : bare;
  return typeof value === 'string' ? JSON.stringify(short) : short;
}
