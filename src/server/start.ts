/** Starts the gateway's listener, reconfigures it while it runs, and stops it without cutting answers off. */
import type { Config } from '../config/schema.ts';
import { credentialsFromConfig } from '../credentials/from-config.ts';
import { sandboxCredentials } from '../credentials/sandbox.ts';
import { createGateway } from '../gateway/gateway.ts';
import { takeProxies } from '../gateway/proxy.ts';
import type { Log } from '../telemetry/log.ts';
import { createHandler } from './handler.ts';
import { newId } from './ids.ts';

export interface StartOptions {
  config: Config;
  version: string;
  log: Log;
  /** Where the sandbox answers, when it is to serve for want of a credential. */
  sandboxUrl?: string;
}

export interface RunningGateway {
  url: string;
  /** Puts another configuration in force. Host, port and tls change only with a new start. */
  reload(config: Config, sandboxUrl?: string): void;
  /** Takes no new connections, lets answers finish within the grace period, then ends them. */
  stop(): Promise<void>;
}

/** Throws what `Bun.serve` throws when the address cannot be listened on. */
export async function startGateway(options: StartOptions): Promise<RunningGateway> {
  const { log } = options;
  const clock = (): number => performance.now();
  const proxies = takeProxies(process.env);
  const gateway = createGateway({
    log,
    fetch,
    userAgent: `cli-proxy-api/${options.version}`,
    now: Date.now,
    clock,
    newId,
    proxies,
  });
  const handler = createHandler({ gateway, version: options.version, clock });
  let { config } = options;

  function configure(next: Config, sandboxUrl: string | undefined): void {
    config = next;
    const credentials = credentialsFromConfig(next);
    gateway.configure(sandboxUrl === undefined ? credentials : sandboxCredentials(sandboxUrl), next);
    handler.configure(next);
  }
  configure(config, options.sandboxUrl);

  const server = Bun.serve({
    hostname: config.host === '' ? '0.0.0.0' : config.host,
    port: config.port,
    // A stream may be silent for minutes while a model thinks; timeouts on the upstream's side end dead ones.
    idleTimeout: 0,
    development: false,
    // Outside development Bun shares a port with a second process; "port taken" must stay an error.
    reusePort: false,
    // Bodies over the configured limit get an answer in the client's protocol from the handler.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    tls: config.tls.enable
      ? { cert: Bun.file(config.tls.cert ?? ''), key: Bun.file(config.tls.key ?? '') }
      : undefined,
    fetch: handler.handle,
    error(error) {
      log.error('unexpected error', { error: error.stack ?? error.message });
      return Response.json(
        { error: { message: 'The gateway failed.', type: 'server_error' } },
        { status: 500 },
      );
    },
  });

  return {
    url: server.url.href.replace(/\/$/, ''),
    reload: configure,
    async stop() {
      const grace = new Promise<'grace'>((resolve) => {
        setTimeout(() => resolve('grace'), config['shutdown-grace']).unref();
      });
      const outcome = await Promise.race([server.stop(false), grace]);
      if (outcome === 'grace') {
        log.warn('answers were still running at the end of the grace period; they are cut off');
        await server.stop(true);
      }
      await proxies.close();
      log.flush();
    },
  };
}
