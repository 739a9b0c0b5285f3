/** What the runtime reads from its environment once, at its start. */

/** A person's own values stay. `bin/cli-proxy-api` repeats this table for checkouts. */
const settings: Readonly<Record<string, string>> = {
  // The most that it takes: without it `fetch`, which makes the calls through proxies and over HTTP/2, opens 256 requests
  // and keeps the others waiting.
  BUN_CONFIG_MAX_HTTP_REQUESTS: '65336',
  // Bytes of memory that the garbage collector believes the machine has: it then lets the heap grow less between its
  // runs. No limit. Measured: a third less resident memory under load; see docs/internals/performance.md.
  BUN_JSC_forceRAMSize: '268435456',
  // How often code runs before it is compiled; the engine's own 500 and 100 would compile what only the start runs. What
  // requests run is compiled after some hundred of them instead of some dozen.
  BUN_JSC_thresholdForJITAfterWarmUp: '2000',
  BUN_JSC_thresholdForJITSoon: '400',
};
/** Where the modules of a built executable say they lie. */
const builtIn = '/$bunfs/';

/**
 * Starts a built executable anew in its own process, with the settings: it is too late for this start.
 * From a checkout `bin/cli-proxy-api` has made them already, and this does nothing.
 */
export function applyRuntimeSettings(mainModule: string): void {
  if (
    !mainModule.startsWith(builtIn) ||
    Object.keys(settings).every((name) => process.env[name] !== undefined)
  )
    return;
  process.execve?.(process.execPath, [process.execPath, ...process.argv.slice(2)], {
    ...settings,
    ...process.env,
    CLI_PROXY_API_CALLED_AS: process.argv0,
  });
}
