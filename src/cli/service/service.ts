/** `service …`: the gateway under the service manager of the system. */
import { type Command, defineCommand } from '../command.ts';
import { configOption } from '../config-file.ts';
import { Failure } from '../failure.ts';
import { groupOverview } from '../group-overview.ts';
import type { Shell } from '../shell.ts';
import type { ServiceAction } from './actions.ts';
import type { ServiceFacts } from './unit.ts';

const system = {
  type: 'boolean',
  meaning: 'For the whole computer, with a user of its own, instead of for you',
} as const;

const print = defineCommand('service print', {
  summary:
    'Print the unit, property list or task that "service install" would write; needs nothing, changes nothing',
  options: {
    config: configOption,
    system,
    for: {
      type: 'string',
      value: 'NAME',
      meaning: 'systemd, launchd or task-scheduler (that of this system)',
    },
  },
  async run({ values }, shell) {
    const { managerHere, serviceFacts } = await import('./facts.ts');
    const { serviceText } = await import('./unit.ts');
    const manager = (['systemd', 'launchd', 'task-scheduler'] as const).find((one) => one === values.for);
    if (values.for !== undefined && manager === undefined)
      throw new Failure(
        'usage',
        `no service manager "${values.for}"`,
        'Use systemd, launchd or task-scheduler.',
      );
    const facts = await serviceFacts(values.config, values.system === true, shell.env);
    shell.out.write(serviceText(manager ?? managerHere(), facts));
    return 'ok' as const;
  },
});

/** What each of the others is for. */
const summaries: Readonly<Record<ServiceAction, string>> = {
  install:
    'Start the gateway with this computer or with your login: prints what is written, writes it, starts it',
  uninstall: 'Stop the service and take it away; the config and the accounts stay',
  start: 'Start the installed service',
  stop: 'Stop the service until the next start',
  status: 'Show its state in the service manager',
};

const actions = (['install', 'uninstall', 'start', 'stop', 'status'] as const).map((action) =>
  defineCommand(`service ${action}`, {
    summary: summaries[action],
    options: { config: configOption, system },
    ...(action === 'install' && {
      details: `systemd on Linux, launchd on macOS, the Task Scheduler on Windows. Done twice, it changes nothing. A program in
node_modules, in a cache of npx or in a versioned folder of Homebrew is refused: its path does not last.`,
    }),
    run: ({ values }, shell) => perform(action, values.config, values.system === true, shell),
  }),
);

const named: readonly Command[] = [...actions, print];

/** In the order of help. */
export const serviceCommands: readonly Command[] = [
  groupOverview(
    {
      name: 'service',
      summary:
        'Run the gateway under systemd, launchd or the Task Scheduler: install, start, stop, show, print',
      more: 'docs/operation.md explains how to use them',
    },
    named,
  ),
  ...named,
];

async function perform(
  action: ServiceAction,
  option: string | undefined,
  forSystem: boolean,
  shell: Shell,
): Promise<'ok'> {
  const { managerHere, serviceFacts } = await import('./facts.ts');
  const { serviceCommands: commandsOf, servicePlace } = await import('./actions.ts');
  const manager = managerHere();
  const facts = await serviceFacts(option, forSystem, shell.env);
  const place = servicePlace(manager, facts);
  if (action === 'install') await written(place, facts, shell);
  for (const command of commandsOf(manager, action, facts, process.getuid?.() ?? 0)) ran(command, shell);
  if (action === 'uninstall') {
    const { rm } = await import('node:fs/promises');
    await rm(place, { force: true });
    shell.err.write(`${place} is removed. Config and accounts stay: "cli-proxy-api uninstall" lists them.\n`);
  }
  if (action === 'install' && manager === 'systemd' && !forSystem)
    shell.err.write(`It stops when you log out, unless you run: loginctl enable-linger ${facts.user}\n`);
  return 'ok';
}

/** Writes the text for the service manager, after it was shown. */
async function written(place: string, facts: ServiceFacts, shell: Shell): Promise<void> {
  const { managerHere } = await import('./facts.ts');
  const { passingPath } = await import('./program-path.ts');
  const { serviceText } = await import('./unit.ts');
  const passing = passingPath(facts.program);
  if (passing !== undefined) throw new Failure('failure', `${facts.program} ${passing.why}`, passing.instead);
  const { existsSync } = await import('node:fs');
  if (!existsSync(facts.config))
    throw new Failure(
      'config',
      `there is no config at ${facts.config}`,
      'Start it once by hand with "cli-proxy-api serve", which writes one, or name yours with --config FILE.',
    );
  const { mkdir, writeFile } = await import('node:fs/promises');
  const { dirname } = await import('node:path');
  const text = serviceText(managerHere(), facts);
  shell.err.write(`${place}:\n\n${text}\n`);
  try {
    await mkdir(dirname(place), { recursive: true });
    // The Task Scheduler reads UTF-16 alone.
    await writeFile(
      place,
      managerHere() === 'task-scheduler' ? Buffer.from(`\ufeff${text}`, 'utf16le') : text,
    );
  } catch (error) {
    throw new Failure(
      'failure',
      `${place} cannot be written: ${String(error)}`,
      'With --system, run it as root.',
    );
  }
}

function ran(command: string[], shell: Shell): void {
  shell.err.write(`$ ${command.join(' ')}\n`);
  const [program = ''] = command;
  if (Bun.which(program) === null)
    throw new Failure(
      'unavailable',
      `${program} is not on this system`,
      '"cli-proxy-api service print" prints what another service manager can be given.',
    );
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { stdout: 'pipe', stderr: 'pipe' });
  shell.out.write(stdout.toString());
  shell.err.write(stderr.toString());
  if (exitCode !== 0) throw new Failure('failure', `${command.join(' ')} ended with ${exitCode}`);
}
