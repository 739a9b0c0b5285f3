import { type Command, defineCommand } from './command.ts';
import { findCommand } from './find-command.ts';
import { overview } from './help.ts';
import { version } from './version.ts';

/** `help` and `help COMMAND` over the other commands. */
export function helpCommand(others: readonly Command[]): Command {
  const command: Command = defineCommand('help', {
    summary: 'Explain all commands, or one: help config check',
    words: { shown: '[COMMAND]', limit: 2 },
    options: {},
    run({ positionals }, shell) {
      const all = [...others, command];
      shell.out.write(
        positionals.length > 0 ? findCommand(positionals, all).command.help() : overviewOf(all),
      );
      return 'ok';
    },
  });
  return command;
}

/** Commands whose help lists those that begin with the same word: that of `auth` lists `auth list`. */
const groups = ['auth ', 'service '];

/** The overview of these commands, a group as one. */
export function overviewOf(commands: readonly Command[]): string {
  const alone = commands.filter(({ name }) => !groups.some((group) => name.startsWith(group)));
  return overview(
    version,
    alone.map(({ name, summary }) => [name, summary]),
  );
}
