import { defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';

/** Bytes of a backup that are read. */
const mostBytes = 4e9;

export const command = defineCommand('restore', {
  summary: 'Put back what "backup" has written: the config, the accounts and what was used',
  words: { shown: 'FILE', limit: 1 },
  options: {
    config: configOption,
    force: { type: 'boolean', meaning: 'Replace what is there; without it nothing is replaced' },
    'accounts-to': {
      type: 'string',
      value: 'DIR',
      meaning: 'Accept DIR, where the backup has its accounts elsewhere than beside the config',
    },
  },
  details: `The gateway must not be running. Logins that were renewed since the backup are no longer valid: their refresh tokens
work only once. "auth list" shows which need a new login.`,
  async run({ values, positionals: [file] }, shell) {
    if (file === undefined) throw new Failure('usage', 'from which file?', 'cli-proxy-api restore FILE');
    const { existsSync, statSync } = await import('node:fs');
    const { homedir } = await import('node:os');
    const { dirname, join, resolve, sep } = await import('node:path');
    if (!existsSync(file)) throw new Failure('failure', `there is no ${file}`);
    if (!statSync(file).isFile()) throw new Failure('failure', `${file} is no backup: it is no file`);
    if (statSync(file).size > mostBytes) throw new Failure('failure', `${file} is too large for a backup`);
    const { configLocation } = await import('../../config/location.ts');
    const { parseConfig } = await import('../../config/load.ts');
    const { makePrivateDirectory, writeAtomically } = await import('../../accounts/atomic-write.ts');
    const { askRunning } = await import('../running-gateway.ts');
    const { authDirIn, authDirOf } = await import('../editable-config.ts');
    const { envIn } = await import('../../config/env-file.ts');
    const { places } = await import('./content.ts');
    const { isLater: isLaterDatabase } = await import('../../ground/database-file.ts');
    const formats = [
      (await import('../../usage/usage-database.ts')).usageFormat,
      (await import('../../server/responses/response-database.ts')).responseFormat,
    ];
    const { archiveState } = await import('./archive.ts');
    const bytes = await Bun.file(file).bytes();
    const state = await archiveState(bytes);
    if (state.kind === 'damaged')
      throw new Failure(
        'failure',
        `${file} is damaged: ${state.why}. Nothing was changed`,
        'Copy it once more from where it was made, or take an earlier backup.',
      );
    const files =
      state.kind === 'whole' ? await new Bun.Archive(bytes).files().catch(() => undefined) : undefined;
    if (files === undefined || files.size === 0)
      throw new Failure('failure', `${file} is no backup: it is no .tar.gz that "backup" has written`);

    const config = resolve(configLocation(values.config, shell.env).file);
    // The restored config decides where accounts belong; without one, the rule for all commands.
    const text = (await files.get(places.config)?.text()) ?? '';
    const { env } = shell;
    // Its variables come back with it.
    const variables = { ...envIn((await files.get(places.env)?.text()) ?? ''), ...env };
    const said = parseConfig(text, { file: config, env, variables });
    if (!said.ok)
      shell.err.write(
        `${shell.err.style('yellow', 'warning:')} the config in ${file} has a problem, and comes back with it: ${said.problems[0]?.message ?? ''}\n`,
      );
    const directory = resolve(authDirIn(text, { file: config, env, variables }));
    const present = existsSync(config) ? resolve(await authDirOf(config, env)) : undefined;
    const { isOwnPlace } = await import('./accounts-place.ts');
    const accepted = values['accounts-to'] !== undefined && resolve(values['accounts-to']) === directory;
    if (!accepted && !isOwnPlace(directory, { config, home: resolve(env.HOME || homedir()), present }))
      throw new Failure(
        'failure',
        `the config in ${file} puts accounts into ${directory}, which is not beside the config: nothing was changed`,
        `If that is meant, add --accounts-to ${directory}`,
      );
    for (const used of new Set([directory, ...(present === undefined ? [] : [present])]))
      if ((await askRunning(used, 'gateway')) !== undefined)
        throw new Failure('already-running', `a gateway runs with ${used}`, 'Stop it first.');

    const targets = [...files].map(([name, content]) => {
      const target = targetOf(name);
      if (target === undefined) throw new Failure('failure', `${file} is no backup: it holds ${name}`);
      return { target, content };
    });
    const taken = targets.find(({ target }) => existsSync(target));
    if (taken !== undefined && !values.force)
      throw new Failure(
        'failure',
        `${taken.target} is there already: nothing was changed`,
        'With --force it is replaced.',
      );
    for (const { target, content } of targets) {
      if (target.endsWith('.sqlite') && (await isLater(content)))
        shell.err.write(
          `${shell.err.style('yellow', 'warning:')} ${target} was written by a later version of this program, and this one leaves it alone: update first\n`,
        );
      await makePrivateDirectory(dirname(target));
      // Parts of the database that is replaced would be read into the new one.
      if (target.endsWith('.sqlite'))
        for (const part of ['-wal', '-shm'])
          await Bun.file(target + part)
            .delete()
            .catch(() => {});
      await writeAtomically(target, await content.bytes(), { links: 'replace' });
    }
    const back = [...(files.has(places.config) ? [config] : []), directory];
    const count = targets.length === 1 ? '1 file is' : `${targets.length} files are`;
    shell.out.write(`${count} back: ${back.join(', ')}\n`);
    return 'ok' as const;

    async function isLater(content: Blob): Promise<boolean> {
      const header = await content.slice(0, 100).bytes();
      return formats.some((format) => isLaterDatabase(header, format));
    }

    /** Nothing outside the two places is ever written. */
    function targetOf(name: string): string | undefined {
      if (name === places.config) return config;
      if (name === places.env) return join(dirname(config), places.env);
      const target = resolve(directory, name.slice(places.directory.length));
      return name.startsWith(places.directory) && target.startsWith(directory + sep) ? target : undefined;
    }
  },
});
