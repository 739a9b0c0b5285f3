import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';

export const command = defineCommand({
  name: 'backup',
  summary: 'Write the config, the accounts and what was used into one file, while the gateway runs',
  words: { shown: 'FILE', limit: 1 },
  options: { config: configOption },
  details: `FILE becomes a .tar.gz that only you may read: it holds every key and login. "cli-proxy-api restore FILE" puts it back.`,
  async run({ values, positionals: [file] }, shell) {
    if (file === undefined) throw new Failure('usage', 'into which file?', 'cli-proxy-api backup FILE');
    const { existsSync } = await import('node:fs');
    const { resolve } = await import('node:path');
    if (existsSync(file))
      throw new Failure('failure', `${file} is there already`, 'Name another file, or move it away.');
    const { configLocation } = await import('../../config/location.ts');
    const { accountConfig } = await import('../auth/accounts.ts');
    const { writePrivately } = await import('./private-file.ts');
    const { backupContent } = await import('./content.ts');
    const directory = resolve((await accountConfig(values.config, shell))['auth-dir']);
    const content = await backupContent(resolve(configLocation(values.config, shell.env).file), directory);
    const count = Object.keys(content).length;
    if (count === 0)
      throw new Failure('failure', `there is neither a config nor ${directory}: nothing to keep`);
    const archive = await new Bun.Archive(content, { compress: 'gzip' }).bytes();
    await writePrivately(resolve(file), archive).catch((error: unknown) => {
      throw new Failure(
        'unavailable',
        `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
        'Name a file in a directory that is there and that you may write to.',
      );
    });
    shell.out.write(
      `${file}: ${count} files, ${(archive.length / 1e6).toFixed(1)} MB. It holds keys and logins.\n`,
    );
    return 'ok' as const;
  },
});
