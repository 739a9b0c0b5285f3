import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';

export const command = defineCommand('config restore', {
  summary: 'Put an earlier version of the config file back; a running gateway takes it over at once',
  words: { shown: '[VERSION]', limit: 1 },
  options: { config: configOption },
  details: `VERSION is one of "cli-proxy-api config history"; without it, the one before that which is there now. It is checked first,
and what is there now is kept, too, so that restoring can be undone.`,
  async run({ values, positionals: [id] }, shell) {
    const { editableConfig, made } = await import('./editable-config.ts');
    const file = await editableConfig(values.config, shell);
    const what = id === undefined ? 'an earlier version' : `the version ${id}`;
    const { changed } = made(await file.restore(id, { who: 'config restore', what: `${what} was put back` }));
    shell.out.write(changed ? `${file.path} is ${what} again.\n` : `${file.path} is that version already.\n`);
    return 'ok' as const;
  },
});
