import { nearest } from '../../config/nearest.ts';
import { type Command, defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { columns } from '../help.ts';

/** `service` alone: what can be done with the service. */
export function serviceOverview(others: readonly Command[]): Command {
  const names = others.map(({ name }) => name.replace('service ', ''));
  const rows = others.map(({ summary }, index) => [names[index] ?? '', summary]);
  const command: Command = defineCommand({
    name: 'service',
    summary:
      'Run the gateway under systemd, launchd or the Task Scheduler: install, start, stop, show, print',
    words: { shown: '[COMMAND]', limit: 1 },
    options: {},
    details: `Commands:
${columns(rows)}

"cli-proxy-api service COMMAND --help" explains one; docs/operation.md tells how to use them.`,
    run({ positionals: [word] }, shell) {
      if (word === undefined) {
        shell.out.write(command.help());
        return 'ok';
      }
      throw new Failure(
        'usage',
        `service knows no command "${word}"`,
        `Did you mean "cli-proxy-api service ${nearest(word, names) ?? 'status'}"?`,
      );
    },
  });
  return command;
}
