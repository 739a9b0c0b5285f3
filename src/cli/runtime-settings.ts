import { missingSettings, runtimeSettings } from '../ground/runtime-settings.ts';

/** The path of modules in a built executable. */
const builtIn = '/$bunfs/';

/**
 * Starts a built executable anew in its own process, with the settings of the runtime: it is too late for this start.
 * From a checkout `bin/cli-proxy-api` has made them already, and this does nothing.
 */
export function applyRuntimeSettings(mainModule: string): void {
  if (!mainModule.startsWith(builtIn) || missingSettings(process.env).length === 0) return;
  process.execve?.(process.execPath, [process.execPath, ...process.argv.slice(2)], {
    ...runtimeSettings,
    ...process.env,
    CLI_PROXY_API_CALLED_AS: process.argv0,
  });
}
