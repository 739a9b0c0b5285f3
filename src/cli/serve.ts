import { resolve } from 'node:path';
import { isDigestOfKey } from '../config/hashed-key.ts';
import { configLocation } from '../config/location.ts';
import type { Config } from '../config/schema.ts';
import { unsendableKey } from '../config/unsendable-keys.ts';
import { longestHost } from '../config/values.ts';
import type { ConfigFile, ConfigText, LoadedConfig } from '../config-file/config-file.ts';
import { systemClock } from '../ground/clock.ts';
import { errorCode } from '../ground/error-code.ts';
import type { ManagedConfig } from '../management/managed-config.ts';
import { parsePort, parseWorkers } from './arguments.ts';
import { defineCommand } from './command.ts';
import { configOption, readConfigFile, refuseExposure } from './config-file.ts';
import { Failure } from './failure.ts';
import { listening } from './listening.ts';
import { openLogOutput } from './log-output.ts';
import { logSettings } from './log-settings.ts';
import { type ConfigUpkeep, keepUpWithConfig } from './reload.ts';
import { createSandboxStandIn } from './sandbox-stand-in.ts';
import type { ReplicaConfig } from './shared-config.ts';
import type { Shell } from './shell.ts';
import { serveUntilStopped } from './signals.ts';
import { checkTlsFiles } from './tls-files.ts';
import { version } from './version.ts';
import { welcome } from './welcome.ts';
import { parentGone, sayReady } from './workers/worker-link.ts';
import { configOfWorker, workerNumber } from './workers/worker-place.ts';

export const command = defineCommand('serve', {
  summary: 'Run the gateway (what happens without a command, too)',
  options: {
    config: configOption,
    port: { type: 'string', value: 'N', meaning: 'Port to listen on instead of the one in the config' },
    host: { type: 'string', value: 'HOST', meaning: 'Address to listen on instead of the one in the config' },
    password: {
      type: 'string',
      value: 'TEXT',
      meaning: 'One more key of the management API, for this computer and until it stops',
    },
    workers: {
      type: 'string',
      value: 'N',
      meaning:
        'Serve with N processes on the same port, or "auto": one per core; needs a cluster in the config',
    },
    'local-model': { type: 'boolean', meaning: 'Changes nothing: model data is always local' },
    tui: { type: 'boolean', meaning: 'Changes nothing: there is no terminal interface' },
    standalone: { type: 'boolean', meaning: 'Changes nothing' },
  },
  details: `The config is that of --config, else CLI_PROXY_API_CONFIG, else ./config.yaml, else config.yaml in CLI_PROXY_API_HOME
(~/.cli-proxy-api). If there is none, it is created there (in a checkout: ./config.yaml), with a new client key and
comments on all settings.
Without any credential, neither a key in the config nor an account, every model returns 503; with "sandbox: true" in the
config, as the first start writes it, the built-in sandbox answers instead.
A saved config takes effect at once, and so does a login; host, port and tls at the next start.
SIGTERM and Ctrl-C complete requests in flight first; a second one stops at once. With "shutdown-drain: 5s" new requests
are accepted for that time: /readyz reports not ready at once and every response closes its connection, so that a load
balancer loses none.
With --workers, SIGHUP replaces one worker after the other, as after an update; one that exits is restarted.`,
  async run({ values }, shell) {
    const started = systemClock.monotonic();
    if (values.tui)
      shell.err.write(
        'There is no terminal interface (--tui): the gateway runs; "auth list", "models" and "explain" show what it does.\n',
      );
    const count = values.workers === undefined ? undefined : parseWorkers(values.workers);
    if ((values.host?.length ?? 0) > longestHost)
      throw new Failure(
        'usage',
        `--host must be an address or a name, found ${values.host?.length} characters`,
      );
    const fixed: Partial<Pick<Config, 'port' | 'host'>> = {
      ...(values.port === undefined ? {} : { port: parsePort(values.port) }),
      ...(values.host === undefined ? {} : { host: values.host }),
    };
    const worker = workerNumber(shell.env);
    const ours = (config: Config): Config => {
      const served = { ...config, ...fixed };
      return worker === undefined ? served : configOfWorker(served, worker);
    };
    const { file, named, exists } = configLocation(values.config, shell.env);
    const firstRun = !named && !exists && (await writeConfig(file, shell.env));
    const own = await readConfigFile(file, shell);
    const replica = own.config.cluster?.postgres === undefined ? undefined : await joined(file, own, shell);
    const loaded = replica?.loaded ?? own;
    const config = ours(loaded.config);
    refuseExposure(config);
    checkTlsFiles(config.tls);
    warnOfKeys({ MANAGEMENT_PASSWORD: shell.env.MANAGEMENT_PASSWORD, '--password': values.password }, shell);
    if (count !== undefined) {
      const { refuseWorkers, serveWorkers } = await import('./workers/serve-workers.ts');
      refuseWorkers(count, config, file);
      const args = ['--config', resolve(file), '--host', config.host];
      if (values.password !== undefined) args.push('--password', values.password);
      return serveWorkers(count, { file, firstRun, config, args }, shell);
    }

    const { startGateway } = await import('../server/start.ts');
    const { createLog } = await import('../telemetry/log.ts');
    const output = await openLogOutput(config, shell);
    const logFile = output.file();
    const terminal = output.terminal();
    const log = createLog({ ...logSettings(config, terminal), worker, ...(logFile && { sink: logFile }) });
    const sandbox = createSandboxStandIn();
    let managed: ManagedConfig | undefined;
    const starting = listening(config, () =>
      startGateway({
        config,
        version,
        log,
        worker,
        sandbox: sandbox.url,
        configFile: () => managed,
        managementKeys: { everywhere: shell.env.MANAGEMENT_PASSWORD || undefined, here: values.password },
      }),
    );
    const gateway = await (firstRun ? sayingWhatWasWritten(starting, file) : starting);
    const watch = keepUpWithConfig({
      ...{ file, loaded, config, ours, gateway, log, output },
      read: replica?.shared.read,
    });
    managed = managedConfig(file, watch, shell.env, replica?.shared);
    replica?.shared.follow(
      () => void watch.check(),
      (sentence) => log.warn(sentence),
    );

    // Before it reports that it serves: a reader of that may stop it at once.
    const ended = serveUntilStopped(
      async () => {
        watch.close();
        replica?.shared.close();
        await gateway.stop();
        await sandbox.stop();
        output.close();
      },
      shell,
      worker === undefined ? {} : { also: parentGone(), quiet: true },
    );

    if (worker !== undefined) {
      sayReady({ url: gateway.url, sandbox: gateway.sandbox, inUse: gateway.inUse() });
      return ended;
    }

    shell.err.write(
      welcome(
        {
          url: gateway.url,
          configFile: resolve(file),
          firstRun,
          clientKey: config['api-keys'].find(({ key, disabled }) => disabled !== true && !isDigestOfKey(key))
            ?.key,
          sandbox: gateway.sandbox,
          inUse: gateway.inUse(),
          // Never into a log: it lets in any reader.
          console: terminal ? await gateway.consoleAddress() : undefined,
        },
        shell.err,
      ),
    );
    log.debug('ready', { url: gateway.url, milliseconds: Math.round(systemClock.monotonic() - started) });
    return ended;
  },
});

/** Keys of the management API from elsewhere than the config, which programs could not send. */
function warnOfKeys(keys: Readonly<Record<string, string | undefined>>, { err }: Shell): void {
  for (const [name, key = ''] of Object.entries(keys)) {
    const found = unsendableKey(key);
    if (found === undefined) continue;
    err.write(`${err.style('yellow', 'warning:')} ${name}: ${found.message}\n    hint: ${found.hint}\n`);
  }
}

/** What the replicas of the file's cluster share. Over a connection of its own: it is there before the gateway is. */
async function joined(file: string, own: LoadedConfig, shell: Shell): Promise<ReplicaConfig> {
  const { replicaConfig } = await import('./shared-config.ts');
  return replicaConfig(file, own, shell);
}

/** The file as the management API changes it. */
function managedConfig(
  file: string,
  upkeep: ConfigUpkeep,
  env: Shell['env'],
  kept: ConfigText | undefined,
): ManagedConfig {
  let opened: Promise<ConfigFile> | undefined;
  return {
    inForce: upkeep.inForce,
    file() {
      opened ??= import('../config-file/config-file.ts').then(({ createConfigFile }) =>
        createConfigFile({
          file,
          env,
          kept,
          authDir: () => upkeep.inForce().config['auth-dir'],
          now: systemClock.now,
          check: upkeep.judge,
          known: upkeep.inForce,
          written: upkeep.take,
        }),
      );
      return opened;
    },
  };
}

/** A first start that fails has written a config all the same. */
async function sayingWhatWasWritten<T>(starting: Promise<T>, file: string): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const written = `A first config was written to ${resolve(file)}: the next start takes it.`;
    throw new Failure(error.ending, error.message, [error.hint, written].filter(Boolean).join('\n'));
  }
}

/** Writes the config of somebody who has none; true when it did. */
async function writeConfig(file: string, env: Shell['env']): Promise<boolean> {
  const { writeFirstConfig } = await import('../config/first-run.ts');
  try {
    await writeFirstConfig(file, { authDir: env.CLI_PROXY_API_HOME || undefined });
    return true;
  } catch (error) {
    // Another start was faster: its file is as good.
    if (errorCode(error) === 'EEXIST') return false;
    throw new Failure(
      'unavailable',
      `a first config could not be written to ${resolve(file)}: ${String(error)}`,
      'Name a directory that you may write to in CLI_PROXY_API_HOME, or a config with --config FILE.',
    );
  }
}
