import { counted } from '../../ground/counted.ts';
import { defineCommand } from '../command.ts';
import { configOption, readConfigFile } from '../config-file.ts';

export const command = defineCommand('cluster adopt', {
  summary: 'Move what one process has kept into the cluster that its config names',
  options: { config: configOption, json: { type: 'boolean', meaning: 'Print one JSON object' } },
  details: `Settings and client keys, accounts, kept responses and usage of the auth-dir go into Postgres; account files are renamed to
*.imported. Stop the gateway that has them first. What is there already stays as it is, so that a second time changes
nothing. Sums of usage that are older than single requests stay in the file.`,
  async run({ values }, shell) {
    const { configLocation } = await import('../../config/location.ts');
    const { adopted } = await import('./adoption.ts');
    const { file } = configLocation(values.config, shell.env);
    const done = await adopted(file, await readConfigFile(file, shell), shell);
    if (values.json) shell.out.write(`${JSON.stringify({ ok: true, ...done })}\n`);
    else
      shell.out.write(
        `The cluster has the settings, ${counted(done.accounts, 'account file')}, ${counted(done.responses, 'kept response')} and ${counted(done.requests, 'request')} of usage.\n`,
      );
    return 'ok' as const;
  },
});
