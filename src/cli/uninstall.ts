import { defineCommand } from './command.ts';
import { configOption } from './config-file.ts';
import type { Shell } from './shell.ts';

/** Something of this program on this computer, and the command that takes it away. */
interface Left {
  path: string;
  what: string;
  away: string;
}

export const command = defineCommand('uninstall', {
  summary:
    'List all files of the program on this computer, and the commands that remove them; deletes nothing',
  options: { config: configOption },
  async run({ values }, shell) {
    const { existsSync } = await import('node:fs');
    const found = [...(await kept(values.config, shell)), ...(await program())];
    const seen = new Set<string>();
    for (const { path, what, away } of found) {
      if (seen.has(path) || !existsSync(path)) continue;
      seen.add(path);
      shell.out.write(`${path}\n  ${what}\n  ${away}\n`);
    }
    shell.out.write(
      `"cli-proxy-api backup FILE" keeps config, accounts and usage. Providers are not notified: revoke their access there.
Completions and the man page lie where you have put them.\n`,
    );
    return 'ok' as const;
  },
});

/** In the order in which they are taken away: what needs the program goes before it. */
async function kept(option: string | undefined, { env }: Shell): Promise<Left[]> {
  const { join } = await import('node:path');
  const { readdir } = await import('node:fs/promises');
  const { envFileOf } = await import('../config/env-file.ts');
  const { homeDirectory } = await import('../config/location.ts');
  const { servicePlace } = await import('./service/actions.ts');
  const { managerHere, serviceFacts } = await import('./service/facts.ts');
  const facts = await serviceFacts(option, false, env);
  const home = homeDirectory(env);
  const connected = join(home, 'connected');
  const clients = (await readdir(connected).catch(() => [])).filter((name) => name.endsWith('.json'));
  return [
    {
      path: servicePlace(managerHere(), facts),
      what: 'the service',
      away: 'cli-proxy-api service uninstall',
    },
    ...clients.map((file) => ({
      path: join(connected, file),
      what: 'a client whose settings lead to this gateway',
      away: `cli-proxy-api connect ${file.replace(/\.json$/, '')} --undo`,
    })),
    { path: facts.config, what: 'the config, with client keys and API keys', away: removal(facts.config) },
    {
      path: envFileOf(facts.config),
      what: 'what ${NAME} means in the config: it may be of another program, too',
      away: removal(envFileOf(facts.config)),
    },
    { path: facts.authDir, what: 'accounts, usage and kept answers', away: removal(facts.authDir) },
    { path: home, what: 'what "connect" and updates remember', away: removal(home) },
  ];
}

/** The program itself, as it was installed. */
async function program(): Promise<Left[]> {
  const { dirname } = await import('node:path');
  const { installerOf, isInside } = await import('./update/own-executable.ts');
  const { previousOf } = await import('./update/exchange.ts');
  const { ownProgram } = await import('./own-program.ts');
  const own = ownProgram();
  const installer = installerOf(own);
  if (installer !== undefined)
    return [{ path: own, what: `the program, by ${installer.by}`, away: installer.removal }];
  if (isInside)
    return [own, previousOf(own)].map((path, index) => ({
      path,
      what: index === 0 ? 'the program' : 'the version before, for "update --rollback"',
      away: removal(path),
    }));
  const checkout = dirname(dirname(own));
  return [
    {
      path: checkout,
      what: 'the checkout: the program, what npm has installed for it, and what else you have put there',
      away: removal(checkout),
    },
  ];
}

function removal(path: string): string {
  return process.platform === 'win32'
    ? `Remove-Item -Recurse "${path}"`
    : `rm -r '${path.replaceAll("'", `'\\''`)}'`;
}
