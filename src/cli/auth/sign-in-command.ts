/** `auth gemini`, `auth claude`, …: one command a provider, made from their records. */
import type { AccountProvider } from '../../providers/account-provider.ts';
import { type AccountKind, accountKinds, accountProviders } from '../../providers/registry.ts';
import { type Options, parsePort } from '../arguments.ts';
import { type Command, defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { inJson } from './failures.ts';
import { configOption, jsonOption, parseProxy, parseTimeout, proxyOption } from './options.ts';
import type { SignInWishes } from './sign-in.ts';

/** The providers that are signed in to, in the order of help; the others take a file. */
export const signInNames: readonly AccountKind[] = accountKinds.filter(
  (kind) => !accountProviders[kind].signIn.includes('file'),
);

/** One for each of them. */
export const signInCommands: readonly Command[] = signInNames.map(signInCommand);

function signInCommand(name: AccountKind): Command {
  const provider = accountProviders[name];
  return defineCommand(`auth ${name}`, {
    summary: `Sign in to ${provider.title}: ${provider.account}`,
    options: optionsOf(provider),
    details: detailsOf(name, provider),
    async run({ values }, shell) {
      const wishes = wishesOf(values, provider);
      return inJson(wishes.json, shell.out.write, async () => {
        const { signIn } = await import('./sign-in.ts');
        return { ending: 'ok' as const, object: await signIn(name, wishes, shell) };
      });
    },
  });
}

function optionsOf({ signIn: methods, oauth, forProjects }: AccountProvider): Options {
  const browser = methods.includes('browser');
  return {
    'no-browser': { type: 'boolean', meaning: 'Only print the address; open no browser' },
    ...(browser && methods.includes('device')
      ? {
          device: {
            type: 'boolean',
            meaning: 'Sign in with a code on any other device, without a callback',
          } as const,
        }
      : {}),
    ...(methods.includes('cookie')
      ? {
          cookie: {
            type: 'boolean',
            meaning: 'Sign in with the cookie of a browser instead: entered at a hidden prompt, or piped in',
          } as const,
        }
      : {}),
    ...(forProjects
      ? {
          project: {
            type: 'string',
            value: 'ID',
            meaning: 'The Google Cloud project to use, several with commas, or ALL',
          } as const,
        }
      : {}),
    ...(browser
      ? {
          'callback-port': {
            type: 'string',
            value: 'N',
            meaning: `Port that the browser is redirected to (${oauth?.redirect?.port})`,
          } as const,
          port: { type: 'string', value: 'N', meaning: 'The same as --callback-port' } as const,
        }
      : {}),
    timeout: {
      type: 'string',
      value: 'SPAN',
      meaning: `How long to wait for you: 90s, 10m (${browser ? '5m' : 'as long as the code is valid'})`,
    },
    account: {
      type: 'string',
      value: 'ACCOUNT',
      meaning: 'Accept only a login of this account, an id of "auth list" or an e-mail',
    },
    label: { type: 'string', value: 'TEXT', meaning: 'A description for lists, kept in the account file' },
    'proxy-url': proxyOption,
    config: configOption,
    json: jsonOption,
  };
}

function detailsOf(name: AccountKind, { signIn: methods, oauth }: AccountProvider): string {
  const how = methods.includes('browser')
    ? `The browser opens, and is redirected to http://localhost:${oauth?.redirect?.port}. If that fails, as on another computer, paste the
address that it was redirected to, or the code that it shows, while the command waits.`
    : 'It prints an address and a code; open the address on any device and enter the code.';
  return `${how}
The account is written to auth-dir; a running gateway uses it at once. Signing in again keeps your own settings in the
file. docs/providers/${name}.md lists what the account can be used for.`;
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** Throws a {@link Failure} of usage for values that cannot be meant. */
function wishesOf(values: Values, { signIn: methods }: AccountProvider): SignInWishes {
  const text = (option: string): string | undefined => {
    const value = values[option];
    return typeof value === 'string' ? value : undefined;
  };
  const port = text('callback-port') ?? text('port');
  const timeout = text('timeout');
  const proxyUrl = text('proxy-url');
  const other = (['device', 'cookie'] as const).find((method) => values[method] === true);
  if (other !== undefined && port !== undefined)
    throw new Failure('usage', `--${other} has no callback, so --callback-port means nothing beside it`);
  if (port !== undefined && parsePort(port) === 0)
    throw new Failure('usage', '--callback-port must be a port that the browser can be sent to, found "0"');
  return {
    method: other ?? (methods.includes('browser') ? 'browser' : 'device'),
    openBrowser: values['no-browser'] !== true,
    project: text('project'),
    callbackPort: port === undefined ? undefined : parsePort(port),
    timeout: timeout === undefined ? undefined : parseTimeout(timeout),
    account: text('account'),
    label: text('label'),
    proxyUrl: proxyUrl === undefined ? undefined : parseProxy(proxyUrl),
    config: text('config'),
    json: values.json === true,
  };
}
