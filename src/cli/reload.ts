/** Applies each saved state of the config, or reports why not; the present one stays until a better one is there. */
import { existsSync } from 'node:fs';
import { exposureProblem } from '../config/exposure.ts';
import { type ConfigProblem, type ConfigResult, formatProblem, withoutFound } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type ConfigWatch, watchConfig } from '../config/watch.ts';
import type { LoadedConfig } from '../config-file/config-file.ts';
import { counted } from '../ground/counted.ts';
import { reasonOf } from '../ground/reason.ts';
import type { RunningGateway } from '../server/running-gateway.ts';
import type { AdjustableLog } from '../telemetry/log.ts';
import type { LogOutput } from './log-output.ts';
import { logSettings } from './log-settings.ts';
import { checkTlsFiles } from './tls-files.ts';

export interface Reloading {
  /** The config file as the person named it. */
  file: string;
  /** What was read at the start. */
  loaded: LoadedConfig;
  /** The same, as it is in force. */
  config: Config;
  /** What gives the text in the place of the file's own; of a cluster. */
  read?: ((file: string) => Promise<string>) | undefined;
  /** The configuration of a file in this process, with the options of the command line, which override the file. */
  ours: (config: Config) => Config;
  gateway: Pick<RunningGateway, 'reload' | 'reloadFailed' | 'refusal' | 'sandbox' | 'inUse'>;
  log: AdjustableLog;
  /** Where it goes. */
  output: LogOutput;
}

/** Settings that are read only at the start. */
const atStart = ['host', 'port', 'tls'] as const satisfies (keyof Config)[];

/** What is in force, for those who change the file. */
export interface ConfigUpkeep extends ConfigWatch {
  inForce(): LoadedConfig;
  /** Why a configuration that would load must not come into force, or would not at the next start. */
  judge(next: LoadedConfig): Promise<string | undefined>;
  /**
   * Puts into force what somebody who may has just written, client keys or none; resolves once it is. Rejects where that cannot
   * be.
   */
  take(next: LoadedConfig): Promise<void>;
}

/** Watches the file until the result is closed. */
export function keepUpWithConfig({
  file,
  config,
  loaded,
  read,
  ours,
  gateway,
  log,
  output,
}: Reloading): ConfigUpkeep {
  let inForce = loaded;
  let keys: Pick<Config, 'api-keys'> = config;
  const bound = config.host;
  const apply = async (result: ConfigResult): Promise<void> => {
    if (!result.ok) return refuse(existsSync(file) ? result.problems : result.problems.map(putBack));
    const next = ours(result.config);
    const lost = lossProblem(result.empty, keys, next, file);
    if (lost !== undefined) return refuse([lost]);
    // The address stays the one that is bound, so the keys must do for that.
    const exposure = exposureProblem({ host: bound, 'api-keys': next['api-keys'] });
    if (exposure !== undefined) return refuse([exposure]);
    await putInForce(result);
  };
  const putInForce = async (result: LoadedConfig): Promise<void> => {
    const next = ours(result.config);
    await gateway.reload(next);
    // A file that has lost them is refused; over the management API the owner has confirmed it.
    if (keys['api-keys'].length > 0 && next['api-keys'].length === 0) log.warn(lastKeyGone);
    inForce = result;
    keys = next;
    if (await output.follow(next)) {
      log.redirect(output.file());
      output.settled();
    }
    log.configure(logSettings(next, output.terminal()));
    for (const warning of result.warnings) log.warn(formatProblem(warning));
    for (const key of atStart)
      if (!Bun.deepEquals(next[key], config[key])) log.warn(`${key} changes at the next start`);
    log.info(`config reloaded: ${gateway.sandbox ? 'the sandbox' : 'credentials'} in use`, { file });
  };
  const refuse = (problems: readonly ConfigProblem[]): void => {
    for (const problem of problems) log.error(formatProblem(problem));
    const { keys: providerKeys, accounts } = gateway.inUse();
    const answering = gateway.sandbox
      ? 'the sandbox'
      : `${counted(providerKeys, 'API key')} and ${counted(accounts, 'account')}`;
    const asking = counted(keys['api-keys'].length, 'client key');
    log.error(
      `the changed config was not taken over: the one before stays in force, with ${asking}, ${answering}`,
      { file },
    );
    const [first] = problems;
    gateway.reloadFailed(first && formatProblem({ ...withoutFound(first), file: '' }));
  };
  // One after the other: an older state never overtakes a newer one.
  let turn = Promise.resolve();
  const watch = watchConfig(
    file,
    (result) => {
      turn = turn
        .then(() => apply(result))
        .catch((error: unknown) => {
          log.error('the changed config could not be put into force', { error: String(error), file });
          gateway.reloadFailed(String(error));
        });
    },
    { digest: loaded.digest, variables: loaded.variables, read },
  );
  return {
    ...watch,
    inForce: () => inForce,
    async judge(next) {
      if (next.empty) return 'The file is empty: all keys and credentials would be removed.';
      // Neither where it is bound now, nor at the next start.
      const meant = ours(next.config);
      return (
        (exposureProblem({ ...meant, host: bound }) ?? exposureProblem(meant))?.message ??
        tlsProblem(meant.tls) ??
        (await placeProblem(meant)) ??
        (await output.problem(meant)) ??
        (await gateway.refusal(meant))
      );
    },
    take(next) {
      watch.knows(next.digest);
      const mine = turn.then(() => putInForce(next));
      turn = mine.catch((error: unknown) => gateway.reloadFailed(String(error)));
      return mine;
    },
  };
}

/** To name another file, or to start without one, is for a start. */
const putBack = <P extends ConfigProblem>(problem: P): P => ({
  ...problem,
  hint: 'put it back: "cli-proxy-api config history" lists what is kept of it; to begin anew, stop the gateway and start it again',
});

/** Why accounts, and what is used, would have no place any more. */
async function placeProblem({ 'auth-dir': directory }: Config): Promise<string | undefined> {
  const { authDirFault } = await import('./start-checks.ts');
  const fault = await authDirFault(directory);
  return fault?.isUnusable ? `auth-dir: ${fault.message}` : undefined;
}

/** Why the next start would refuse the certificate or its key. */
function tlsProblem(tls: Config['tls']): string | undefined {
  try {
    checkTlsFiles(tls);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

const lastKeyGone =
  'the last client key is gone: every program on this computer can use the gateway without one';

/**
 * Why a file must not replace what is in force, though nothing in it is wrong: it is empty, like a file that is being
 * written or was emptied by a full disk, or it has lost the last client key, so that everybody could use the gateway.
 */
function lossProblem(
  empty: boolean,
  inForce: Pick<Config, 'api-keys'>,
  next: Pick<Config, 'api-keys'>,
  file: string,
): ConfigProblem | undefined {
  const place = { file, line: 0, column: 0 };
  if (empty)
    return putBack({
      ...place,
      key: '',
      message: 'the file is empty: all keys and credentials would be removed',
    });
  if (inForce['api-keys'].length === 0 || next['api-keys'].length > 0) return undefined;
  return {
    ...place,
    key: 'api-keys',
    message: lastKeyGone,
    hint: 'keep one; to serve without keys, stop the gateway and start it again',
  };
}
