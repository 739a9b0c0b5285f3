/** Puts each saved state of the config into force, or says why not; the running one stays until a better one is there. */
import { exposureProblem } from '../config/exposure.ts';
import { type ConfigProblem, type ConfigResult, formatProblem } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { type ConfigWatch, watchConfig } from '../config/watch.ts';
import type { AdjustableLog } from '../telemetry/log.ts';
import { logSettings } from './log-settings.ts';

export interface Reloading {
  /** The config file as the person named it. */
  file: string;
  /** What is in force. */
  config: Config;
  digest: string;
  /** Settings from the command line: they win over the file. */
  fixed: Partial<Pick<Config, 'port' | 'host'>>;
  gateway: { reload(config: Config): Promise<void>; reloadFailed(): void; readonly sandbox: boolean };
  log: AdjustableLog;
  /** Whether the log goes to a terminal. */
  terminal: boolean;
}

/** Settings that are read only at the start. */
const atStart = ['host', 'port', 'tls'] as const satisfies (keyof Config)[];

/** Watches the file until the result is closed. */
export function keepUpWithConfig({
  file,
  config,
  digest,
  fixed,
  gateway,
  log,
  terminal,
}: Reloading): ConfigWatch {
  let inForce: Pick<Config, 'api-keys'> = config;
  const apply = async (result: ConfigResult): Promise<void> => {
    if (!result.ok) return refuse(result.problems);
    const next = { ...result.config, ...fixed };
    const lost = lossProblem(result.empty, inForce, next, file);
    if (lost !== undefined) return refuse([lost]);
    // The address stays the one that is bound, so the keys must do for that.
    const exposure = exposureProblem({ host: config.host, 'api-keys': next['api-keys'] });
    if (exposure !== undefined) return refuse([exposure]);
    await gateway.reload(next);
    inForce = next;
    log.configure(logSettings(next, terminal));
    for (const warning of result.warnings) log.warn(formatProblem(warning));
    for (const key of atStart)
      if (!Bun.deepEquals(next[key], config[key])) log.warn(`${key} changes at the next start`);
    log.info(`config reloaded: ${gateway.sandbox ? 'the sandbox' : 'credentials'} in use`, { file });
  };
  const refuse = (problems: readonly ConfigProblem[]): void => {
    for (const problem of problems) log.error(formatProblem(problem));
    log.error('the changed config was not taken over: the one before stays in force', { file });
    gateway.reloadFailed();
  };
  // One after the other: an older state never overtakes a newer one.
  let turn = Promise.resolve();
  return watchConfig(
    file,
    (result) => {
      turn = turn
        .then(() => apply(result))
        .catch((error: unknown) => {
          log.error('the changed config could not be put into force', { error: String(error), file });
          gateway.reloadFailed();
        });
    },
    { digest },
  );
}

/**
 * Why a file must not replace what is in force, though nothing in it is wrong: it says nothing, as a file does that is being
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
    return {
      ...place,
      key: '',
      message: 'the file says nothing: all keys and credentials would be gone',
      hint: 'restore it; to begin anew, stop the gateway and start it again',
    };
  if (inForce['api-keys'].length === 0 || next['api-keys'].length > 0) return undefined;
  return {
    ...place,
    key: 'api-keys',
    message: 'the last client key is gone: every program on this computer could use the gateway',
    hint: 'keep one; to serve without keys, stop the gateway and start it again',
  };
}
