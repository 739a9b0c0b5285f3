import { type Command, defineCommand } from './command.ts';
import { columns } from './help.ts';

/** The help of a group of commands that share their first word. */
export interface CommandGroup {
  /** The word. */
  name: string;
  summary: string;
  /** Where to read on. */
  more: string;
}

/** The names in the usage line of such a command: any word there is a subcommand. */
export const groupWords = '[COMMAND]';

/** The first word alone: which commands there are. */
export function groupOverview({ name, summary, more }: CommandGroup, others: readonly Command[]): Command {
  const names = others.map((other) => other.name.slice(name.length + 1));
  const rows = others.map((other, index) => [names[index] ?? '', other.summary]);
  const command: Command = defineCommand(name, {
    summary,
    words: { shown: groupWords, limit: 0 },
    options: {},
    details: `Commands:
${columns(rows)}

"cli-proxy-api ${name} COMMAND --help" explains one; ${more}.`,
    run(_, shell) {
      shell.out.write(command.help());
      return 'ok';
    },
  });
  return command;
}
