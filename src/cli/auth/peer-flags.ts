/** The login flags of CLIProxyAPI as data: what each becomes here. */
import { Failure } from '../failure.ts';

/** Each signs in, and ends instead of serving. */
const logins: Readonly<Record<string, readonly string[]>> = {
  login: ['auth', 'gemini'],
  'claude-login': ['auth', 'claude'],
  'codex-login': ['auth', 'codex'],
  'codex-device-login': ['auth', 'codex', '--device'],
  'qwen-login': ['auth', 'qwen'],
  'iflow-login': ['auth', 'iflow'],
  'iflow-cookie': ['auth', 'iflow', '--cookie'],
  'antigravity-login': ['auth', 'antigravity'],
  'kimi-login': ['auth', 'kimi'],
  'xai-login': ['auth', 'xai'],
};
/** The one login that takes a value: the file. */
const fileLogins: Readonly<Record<string, readonly string[]>> = {
  'vertex-import': ['auth', 'vertex', '--file'],
};
/** Settings beside a login, by their names here. */
const settings: Readonly<Record<string, string>> = {
  'no-browser': '--no-browser',
  project_id: '--project',
  'oauth-callback-port': '--callback-port',
  'vertex-import-prefix': '--prefix',
};

/**
 * The arguments in our own words where they ask for a login as the peer does, with one dash or two; undefined where they
 * do not. Throws a Failure of usage for two logins at once.
 */
export function fromPeerFlags(args: readonly string[]): string[] | undefined {
  const command: string[] = [];
  const rest: string[] = [];
  const asked: string[] = [];
  // A command of our own comes first; only a line that begins with options is the peer's.
  if (!args[0]?.startsWith('-')) return undefined;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? '';
    const [, name = '', inline] = /^--?([a-z_-]+)(?:=(.*))?$/s.exec(argument) ?? [];
    const login = own(logins, name);
    const file = own(fileLogins, name);
    if (login !== undefined) {
      asked.push(argument);
      command.push(...login);
    } else if (file !== undefined) {
      asked.push(argument);
      if (inline === undefined) index += 1;
      const value = inline ?? args[index];
      command.push(...file, ...(value === undefined ? [] : [value]));
    } else {
      const setting = own(settings, name);
      rest.push(setting === undefined ? argument : inline === undefined ? setting : `${setting}=${inline}`);
    }
  }
  if (asked.length > 1)
    throw new Failure('usage', `${asked.join(' and ')} are two logins`, 'Do one after the other.');
  return asked.length === 0 ? undefined : [...command, ...rest];
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
