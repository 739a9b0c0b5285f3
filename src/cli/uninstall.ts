import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';

export const command = defineCommand({
  name: 'uninstall',
  summary: 'Say what lies where on this computer, and the commands that take it away; deletes nothing',
  options: { config: configOption },
  async run({ values }, shell) {
    const { existsSync } = await import('node:fs');
    const { managerHere, serviceFacts } = await import('./service/facts.ts');
    const { servicePlace } = await import('./service/actions.ts');
    const facts = await serviceFacts(values.config, false, shell.env);
    const service = servicePlace(managerHere(), facts);
    const places = [
      { what: 'the service', path: service, away: 'cli-proxy-api service uninstall' },
      { what: 'the config, with client keys and API keys', path: facts.config, away: undefined },
      { what: 'accounts, usage and kept answers', path: facts.authDir, away: undefined },
      { what: 'the program', path: facts.program, away: undefined },
    ];
    for (const { what, path, away } of places) {
      if (!existsSync(path)) continue;
      const remove = process.platform === 'win32' ? `Remove-Item -Recurse "${path}"` : `rm -r '${path}'`;
      shell.out.write(`${path}\n  ${what}\n  ${away ?? remove}\n`);
    }
    shell.out.write(
      '"cli-proxy-api backup FILE" keeps all of it. Providers are not told: revoke their access there.\n',
    );
    return 'ok' as const;
  },
});
