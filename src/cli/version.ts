import { version } from '../../package.json';
import { defineCommand } from './command.ts';

/** The version of this program, as package.json has it; a built executable carries it inside. */
export { version };

export const command = defineCommand('version', {
  summary: 'Show the version',
  options: { json: { type: 'boolean', meaning: 'Print JSON, with the runtime and the platform' } },
  run({ values }, shell) {
    const all = {
      name: 'cli-proxy-api',
      version,
      runtime: `bun ${Bun.version}`,
      platform: `${process.platform}-${process.arch}`,
    };
    shell.out.write(values.json ? `${JSON.stringify(all)}\n` : `cli-proxy-api ${version}\n`);
    return 'ok';
  },
});
