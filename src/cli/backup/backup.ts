import { counted } from '../../ground/counted.ts';
import { reasonOf } from '../../ground/reason.ts';
import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';
import type { Shell } from '../shell.ts';

export const command = defineCommand('backup', {
  summary: 'Write the config, the accounts and what was used into one file, while the gateway runs',
  words: { shown: 'FILE', limit: 1 },
  options: { config: configOption },
  details: `FILE becomes a .tar.gz that only you may read: it holds every key and login. "cli-proxy-api restore FILE" puts it back.`,
  async run({ values, positionals: [file] }, shell) {
    if (file === undefined) throw new Failure('usage', 'into which file?', 'cli-proxy-api backup FILE');
    const { existsSync } = await import('node:fs');
    const { writeAtomically } = await import('../../accounts/atomic-write.ts');
    const { resolve } = await import('node:path');
    if (existsSync(file))
      throw new Failure('failure', `${file} is there already`, 'Name another file, or move it away.');
    const { configLocation } = await import('../../config/location.ts');
    const { authDirInForce } = await import('../config-in-force.ts');
    const { backupContent } = await import('./content.ts');
    const directory = resolve(await authDirInForce(values.config, shell));
    const config = resolve(configLocation(values.config, shell.env).file);
    const content = await backupContent(config, directory);
    const count = Object.keys(content).length;
    if (count === 0)
      throw new Failure('failure', `there is neither a config nor ${directory}: nothing to keep`);
    const archive = await new Bun.Archive(content, { compress: 'gzip' }).bytes();
    await writeAtomically(resolve(file), archive, { links: 'replace' }).catch((error: unknown) => {
      throw new Failure(
        'unavailable',
        `${file} cannot be written: ${reasonOf(error)}`,
        'Name a file in a directory that is there and that you may write to.',
      );
    });
    shell.out.write(
      `${file}: ${counted(count, 'file')}, ${(archive.length / 1e6).toFixed(1)} MB. It holds keys and logins.\n`,
    );
    for (const sentence of await elsewhere(config, shell)) shell.err.write(`${sentence}\n`);
    return 'ok' as const;
  },
});

/** What belongs to it and is not in it. */
async function elsewhere(file: string, { env }: Shell): Promise<string[]> {
  const { loadConfig } = await import('../../config/load.ts');
  const loaded = await loadConfig(file, { env });
  if (!loaded.ok) return [];
  const { cluster, 'auth-encryption-key': key } = loaded.config;
  return [
    ...(key === undefined
      ? []
      : [
          key.startsWith('file:')
            ? `The key of the accounts is not in it: keep ${key.slice('file:'.length)} somewhere else.`
            : 'It contains the key of the accounts only if the config or its .env has it: auth-encryption-key.',
        ]),
    ...(cluster?.postgres === undefined
      ? []
      : ['What replicas share is not in it: accounts, keys and usage are in Postgres (pg_dump).']),
  ];
}
