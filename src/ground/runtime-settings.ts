/** What the runtime reads from its environment once, at its start. A person's own values stay. `bin/cli-proxy-api` repeats this table for checkouts. */
export const runtimeSettings: Readonly<Record<string, string>> = {
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

/** The names of the settings that an environment does not set. */
export function missingSettings(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(runtimeSettings).filter((name) => env[name] === undefined);
}
