import { suggestion } from '../../config/suggestion.ts';
import { accountProviders } from '../../providers/registry.ts';
import { type Command, defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { columns } from '../help.ts';
import { signInNames } from './sign-in-command.ts';

/** `auth` alone: which providers there are, and what else can be done with accounts. */
export function authOverview(others: readonly Command[]): Command {
  const names = others.map(({ name }) => name.replace('auth ', ''));
  const managing = others.filter(({ name }) => !signInNames.some((kind) => name === `auth ${kind}`));
  const providers = columns(signInNames.map((name) => [name, accountProviders[name].account]));
  const commands = columns(managing.map(({ name, summary }) => [name.replace('auth ', ''), summary]));
  const details = `Sign in with "cli-proxy-api auth PROVIDER":

Providers:
${providers}

Commands:
${commands}

"cli-proxy-api auth PROVIDER --help" explains one; docs/accounts.md explains how accounts work.`;
  const command: Command = defineCommand('auth', {
    summary: 'Sign in to a provider, and look after the accounts: list, renew, remove or encrypt them',
    words: { shown: '[PROVIDER | COMMAND]', limit: 1 },
    options: {},
    details,
    run({ positionals: [word] }, shell) {
      if (word === undefined) {
        shell.out.write(command.help());
        return 'ok';
      }
      const guess = suggestion(word, names);
      throw new Failure(
        'usage',
        `auth has no provider or command "${word}"`,
        guess === undefined
          ? 'Run "cli-proxy-api auth" for all of them.'
          : `Did you mean "cli-proxy-api auth ${guess}"?`,
      );
    },
  });
  return command;
}
