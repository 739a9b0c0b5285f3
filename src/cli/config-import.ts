import { defineCommand } from './command.ts';
import { configOption, readConfigFile } from './config-file.ts';
import { Failure } from './failure.ts';

export const command = defineCommand('config import', {
  summary: 'Import the settings of the config file into its cluster, for all replicas',
  options: { config: configOption },
  details: `The first replica of a cluster does this automatically; afterwards keys, prices and settings are changed by the management
API and the console, and the files of replicas only set host, port, tls, auth-dir, auth-encryption-key, cluster, metrics
and log. This replaces the shared settings by the rest of the file; the previous version stays in Postgres.`,
  async run({ values }, shell) {
    const { configLocation } = await import('../config/location.ts');
    const { replicaConfig } = await import('./shared-config.ts');
    const { file } = configLocation(values.config, shell.env);
    const { shared } = await replicaConfig(file, await readConfigFile(file, shell), shell);
    const put = await shared.importFile('config import');
    if (!put.ok) throw new Failure('unavailable', put.sentence);
    shell.out.write(`${file} is the configuration of the cluster now.\n`);
    return 'ok' as const;
  },
});
