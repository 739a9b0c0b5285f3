/** A person's computer with the program on it, and the sandbox in the place of all providers. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { sandboxProviders } from '../../sandbox/account-servers/addresses.ts';
import { type AccountName, accountNames } from '../../sandbox/account-servers/services.ts';
import { type Sandbox, startSandbox } from '../../sandbox/start.ts';
import { emptyDirectory, type Running, run, type Serving, serving, started } from '../cli/program.ts';
import { freePort } from '../free-port.ts';
import { type Recorder, recording } from './recorder.ts';

export interface Household extends AsyncDisposable {
  sandbox: Sandbox;
  recorder: Recorder;
  /** The working directory, and HOME. */
  path: string;
  /** The directory of the account files. */
  accounts: string;
  clientKey: string;
  /** Starts a command of the program with the config. */
  start(args: string[], env?: Record<string, string>): Running;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<{ out: string; err: string; code: number }>;
  serve(): Promise<Serving>;
  /** Names of the account files. */
  files(): string[];
  read(file: string): Record<string, unknown>;
  /** Everything that every process wrote. */
  written(): string;
}

/** `settings` are further keys of the config. At its end it fails where any process wrote any secret that it saw. */
export async function household(settings: Record<string, unknown> = {}): Promise<Household> {
  // Devices ask every second instead of every five.
  const sandbox = startSandbox({ pace: 0, accounts: { deviceInterval: 1 } });
  const recorder = recording(sandbox);
  const here = emptyDirectory();
  const accounts = join(here.path, 'accounts');
  const clientKey = 'sk-of-the-household-0123456789';
  const config = {
    port: 0,
    // Whatever may be logged is logged, so that it can be searched for secrets.
    debug: true,
    'api-keys': [clientKey],
    'auth-dir': accounts,
    // Something else to serve: without any credential the sandbox would answer for the accounts that are gone.
    'openai-compatibility': [
      {
        name: 'other',
        'base-url': 'http://127.0.0.1:1',
        'api-key-entries': [{ 'api-key': 'unused' }],
        models: [{ name: 'other' }],
      },
    ],
    providers: await providersAt(recorder.url),
    ...settings,
  };
  writeFileSync(join(here.path, 'config.yaml'), stringify(config));
  const processes: Running[] = [];
  let ended = '';
  const keep = <P extends Running>(process: P): P => {
    processes.push(process);
    return process;
  };
  const written = () => ended + processes.map((process) => process.output()).join('\n');
  return {
    sandbox,
    recorder,
    path: here.path,
    accounts,
    clientKey,
    start: (args, env) => keep(started(args, { cwd: here.path, ...(env && { env }) })),
    async run(...args) {
      const outcome = await run(args, { cwd: here.path });
      ended += outcome.out + outcome.err;
      return outcome;
    },
    serve: async () => keep(await serving(['serve'], { cwd: here.path })),
    files: () => readdirSync(accounts).filter((name) => /^[^.].*\.json$/.test(name)),
    read: (file) => JSON.parse(readFileSync(join(accounts, file), 'utf8')),
    written,
    async [Symbol.asyncDispose]() {
      for (const process of processes) await process[Symbol.asyncDispose]();
      await recorder[Symbol.asyncDispose]();
      await sandbox.stop();
      here[Symbol.dispose]();
      const said = written();
      for (const secret of [clientKey, ...recorder.secrets()])
        if (said.includes(secret)) throw new Error(`A process wrote the secret ${secret}:\n${said}`);
    },
  };
}

/** The sandbox's addresses, and callback ports that nobody else uses: the providers' own are the same for every test. */
async function providersAt(url: string) {
  const providers = sandboxProviders(url);
  const withPort = async (name: AccountName) => {
    const { oauth, ...rest } = providers[name];
    const port = oauth['authorize-url'] === undefined ? {} : { 'redirect-port': freePort() };
    return [name, { ...rest, oauth: { ...oauth, ...port } }] as const;
  };
  return Object.fromEntries(await Promise.all(accountNames.map(withPort)));
}
