/** How many requests to upstreams may be open at once. */

/** The runtime's `fetch` reads it once, at its start; without it only 256 requests are open and the others wait. */
const variable = 'BUN_CONFIG_MAX_HTTP_REQUESTS';
/** The most that the runtime takes. */
const most = '65336';
/** Where the modules of a built executable say they lie. */
const builtIn = '/$bunfs/';

/**
 * Starts a built executable anew in its own process, with the variable set: it is too late for this start.
 * From a checkout `bin/cli-proxy-api` has set it already, and this does nothing. A person's own value stays.
 */
export function liftConnectionLimit(mainModule: string): void {
  if (process.env[variable] !== undefined || !mainModule.startsWith(builtIn)) return;
  process.execve?.(process.execPath, [process.execPath, ...process.argv.slice(2)], {
    ...process.env,
    [variable]: most,
  });
}
