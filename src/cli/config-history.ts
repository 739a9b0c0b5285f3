import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import { columns } from './help.ts';
import { timeText } from './shown-time.ts';

export const command = defineCommand('config history', {
  summary: 'List the kept versions of the config file: when each was written, by whom, and what was changed',
  options: {
    config: configOption,
    json: { type: 'boolean', meaning: 'Print JSON' },
  },
  details: `The last 20 versions are kept in the auth-dir, readable by you alone, from the first change over the management API
or with "config restore" on. What an editor wrote is kept with the next such change.
"cli-proxy-api config restore VERSION" puts one back.`,
  async run({ values }, shell) {
    const { editableConfig } = await import('./editable-config.ts');
    const file = await editableConfig(values.config, shell);
    const versions = await file.versions();
    if (values.json) shell.out.write(`${JSON.stringify({ file: file.path, versions })}\n`);
    else if (versions.length === 0) shell.out.write(`No version of ${file.path} is kept yet.\n`);
    else
      shell.out.write(
        `${columns([
          ['VERSION', 'TIME', 'BY', 'CHANGE'],
          ...versions.map(({ id, time, who, what, current }) => [
            id,
            timeText(time),
            who,
            current ? `${what} (the file now)` : what,
          ]),
        ])}\n`,
      );
    return 'ok' as const;
  },
});
