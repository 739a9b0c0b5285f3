/** What this process knows of itself for a service. */
import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from '../../config/environment.ts';
import { loadConfig } from '../../config/load.ts';
import { configLocation } from '../../config/location.ts';
import { drainTime } from '../../server/drain.ts';
import { authDirOf } from '../editable-config.ts';
import { ownProgram } from '../own-program.ts';
import type { ServiceFacts, ServiceManager } from './unit.ts';

/** Seconds beyond shutdown-drain and shutdown-grace before a service manager kills it. */
const beyondGrace = 15;
const usualGrace = 30_000;

/** The service manager of this system. */
export function managerHere(): ServiceManager {
  if (process.platform === 'darwin') return 'launchd';
  return process.platform === 'win32' ? 'task-scheduler' : 'systemd';
}

/** The facts, without anything running; a config that is missing or broken leaves the usual values. */
export async function serviceFacts(
  option: string | undefined,
  system: boolean,
  env: Environment,
): Promise<ServiceFacts> {
  const home = env.HOME || homedir();
  const config = resolve(
    option ?? (system ? '/etc/cli-proxy-api/config.yaml' : configLocation(undefined, env).file),
  );
  const loaded = existsSync(config) ? await loadConfig(config, { env }) : undefined;
  const stopTime = loaded?.ok ? loaded.config['shutdown-grace'] + drainTime(loaded.config) : usualGrace;
  const usualPlace =
    env.CLI_PROXY_API_HOME || (system ? '/var/lib/cli-proxy-api' : join(home, '.cli-proxy-api'));
  return {
    program: ownProgram(),
    config,
    authDir: loaded === undefined ? usualPlace : resolve(await authDirOf(config, env)),
    system,
    home,
    user: userInfo().username,
    stopSeconds: Math.ceil(stopTime / 1000) + beyondGrace,
  };
}
