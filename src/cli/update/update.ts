import owner from '../../../owner.json';
import { defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import { version } from '../version.ts';

export const command = defineCommand('update', {
  summary: 'Replace this executable by the latest release, if a key of this program has signed it',
  options: {
    check: { type: 'boolean', meaning: 'Only check whether there is a newer version' },
    rollback: { type: 'boolean', meaning: 'Go back to the previous version' },
    from: { type: 'string', value: 'URL', meaning: 'Use this server instead of that of the project' },
    key: {
      type: 'string',
      value: 'KEY',
      meaning: 'Trust this public key of minisign instead of those inside',
    },
  },
  details: `There are no automatic updates or checks. The list of the release is verified against its signature, the executable
against the list, and it is started once as a test; an older version is rejected. The previous executable is kept as
cli-proxy-api.previous. A running gateway keeps the old version until it is restarted. Use npm, Homebrew, Scoop or the
image to update what they have installed.`,
  async run({ values }, shell) {
    const { ownExecutable, platformName } = await import('./own-executable.ts');
    const from = values.from ?? `${owner.repository}/releases/latest/download`;
    const keys: readonly string[] = values.key === undefined ? owner.updateKeys : [values.key];
    if (values.rollback) {
      const { rollBack } = await import('./exchange.ts');
      rollBack(ownExecutable());
      shell.out.write('The version before is back.\n');
      return 'ok' as const;
    }
    if (keys.length === 0 || (values.from === undefined && owner.stillToSet.includes('repository')))
      throw new Failure(
        'unavailable',
        'this build has no release server and no key to verify a release',
        'With --from URL and --key KEY it takes those that you name.',
      );
    const { latestRelease, releasedProgram } = await import('./released.ts');
    const latest = await latestRelease(from, keys);
    const order = Bun.semver.order(latest.version, version);
    if (order <= 0) {
      if (order < 0 && !values.check)
        throw new Failure(
          'failure',
          `the server offers ${latest.version}, which is older than ${version}: refused`,
        );
      shell.out.write(`${version} is the latest version.\n`);
      return 'ok' as const;
    }
    if (values.check) {
      shell.out.write(`Version ${latest.version} is there; this is ${version}.\n`);
      return 'ok' as const;
    }
    const program = ownExecutable();
    const content = await releasedProgram(from, latest, platformName());
    const { exchange } = await import('./exchange.ts');
    await exchange(program, content, (next) => demandVersion(next, latest.version));
    shell.out.write(
      `${program} is version ${latest.version} now; "update --rollback" goes back to ${version}.\n`,
    );
    return 'ok' as const;
  },
});

/** Throws a {@link Failure} where the new program does not start on this computer, or is another than listed. */
function demandVersion(program: string, wanted: string): void {
  const { stdout, stderr } = Bun.spawnSync([program, '--version'], { stdout: 'pipe', stderr: 'pipe' });
  if (stdout.toString().trim() === `cli-proxy-api ${wanted}`) return;
  const said = `${stdout}${stderr}`.trim().slice(0, 200);
  throw new Failure(
    'failure',
    `version ${wanted} does not run on this computer: ${said || 'it prints nothing'}: nothing was changed`,
  );
}
