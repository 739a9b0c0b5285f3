/** Where the log of the running gateway goes: to standard output, or to a file while `logging-to-file` is on. */
import type { Config } from '../config/schema.ts';
import { reasonOf } from '../ground/reason.ts';
import type { LogFile } from '../telemetry/log-file.ts';
import { Failure } from './failure.ts';
import type { Shell } from './shell.ts';

type Settings = Pick<Config, 'logging-to-file' | 'logs-max-total-size-mb' | 'log' | 'auth-dir'>;

export interface LogOutput {
  /** Undefined while it is standard output. */
  file(): LogFile | undefined;
  /** Whether a person reads it as it is written. */
  terminal(): boolean;
  /** Applies another configuration; true where the output changed. The previous output is closed by {@link settled}. */
  follow(config: Settings): Promise<boolean>;
  /** Why the output that a configuration asks for cannot be had. */
  problem(config: Settings): Promise<string | undefined>;
  /** Closes the output before, once nothing is written to it any more. */
  settled(): void;
  close(): void;
}

/** Throws a {@link Failure} where the file cannot be written. */
export async function openLogOutput(config: Settings, shell: Shell): Promise<LogOutput> {
  let file = await logFileOf(config, shell);
  let inForce = wanted(config);
  let before: LogFile | undefined;
  return {
    file: () => file,
    terminal: () => shell.out.terminal && file === undefined,
    async follow(next) {
      if (Bun.deepEquals(wanted(next), inForce)) return false;
      const opened = await logFileOf(next, shell);
      before = file;
      file = opened;
      inForce = wanted(next);
      return true;
    },
    async problem(next) {
      if (Bun.deepEquals(wanted(next), inForce)) return undefined;
      try {
        (await logFileOf(next, shell))?.close();
        return undefined;
      } catch (error) {
        return reasonOf(error);
      }
    },
    settled() {
      before?.close();
      before = undefined;
    },
    close: () => file?.close(),
  };
}

/** What decides where it goes. */
function wanted(config: Settings): unknown {
  if (!config['logging-to-file']) return false;
  return [config.log.directory, config['auth-dir'], config['logs-max-total-size-mb']];
}

/** The log as a file, with `logging-to-file`. */
async function logFileOf(config: Settings, { env }: Shell): Promise<LogFile | undefined> {
  if (!config['logging-to-file']) return undefined;
  const { openLogFile } = await import('../telemetry/log-file.ts');
  const { logDirectory } = await import('../telemetry/log-directory.ts');
  const { mostLogBytes } = await import('../telemetry/log-bounds.ts');
  try {
    const directory = logDirectory({
      directory: config.log.directory,
      writablePath: env.WRITABLE_PATH,
      authDir: config['auth-dir'],
    });
    return openLogFile({ directory, mostBytes: mostLogBytes(config['logs-max-total-size-mb']) });
  } catch (error) {
    const { foreignOwner } = await import('../ground/file-owner.ts');
    const place = config.log.directory ?? config['auth-dir'];
    const owner = await foreignOwner(place);
    throw new Failure(
      'unavailable',
      `logging-to-file is on, but the log cannot be written: ${String(error)}`,
      owner !== undefined
        ? `${place}: ${owner}.`
        : 'Name a directory that you may write to in log.directory, or set logging-to-file: false.',
    );
  }
}
