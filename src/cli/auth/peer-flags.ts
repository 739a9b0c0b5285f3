/** The login flags of CLIProxyAPI as data: what each becomes here. */
import { lookUp } from '../../protocols/word-table.ts';
import { accountKinds, accountProviders } from '../../providers/registry.ts';
import { Failure } from '../failure.ts';

/** The command that each login is here; each ends instead of serving. Those of key files take the file. */
const logins: ReadonlyMap<string, { command: readonly string[]; takesFile: boolean }> = new Map(
  accountKinds.flatMap((kind) => {
    const { peerFlags, signIn } = accountProviders[kind];
    return Object.entries(peerFlags).map(
      ([flag, options]) =>
        [flag, { command: ['auth', kind, ...options], takesFile: signIn.includes('file') }] as const,
    );
  }),
);
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
    const login = logins.get(name);
    if (login !== undefined) {
      asked.push(argument);
      command.push(...login.command);
      if (!login.takesFile) continue;
      if (inline === undefined) index += 1;
      const value = inline ?? args[index];
      if (value !== undefined) command.push(value);
    } else {
      const setting = lookUp(settings, name);
      rest.push(setting === undefined ? argument : inline === undefined ? setting : `${setting}=${inline}`);
    }
  }
  if (asked.length > 1)
    throw new Failure('usage', `${asked.join(' and ')} are two logins`, 'Do one after the other.');
  return asked.length === 0 ? undefined : [...command, ...rest];
}
