/** The gateway's own listener: who answers which address, where it listens, and what holds for every connection. */
import type { Config } from '../config/schema.ts';
import { isConsole } from '../console/place.ts';
import { isManagement } from '../management/address.ts';
import type { Management } from '../management/management.ts';
import type { Log } from '../telemetry/log.ts';
import type { AddressOf } from './client-address.ts';
import type { LazyConsole } from './console.ts';
import { type Cors, withCors } from './cors.ts';
import type { Handler } from './handler.ts';
import type { MetricsEndpoint } from './metrics/metrics-endpoint.ts';
import type { SocketState } from './responses/responses-socket.ts';

export interface Answering {
  management: Pick<Management, 'handleRemote'>;
  console: Pick<LazyConsole, 'handle'>;
  metricsPage: Pick<MetricsEndpoint, 'isHere' | 'handle'>;
  handler: Pick<Handler, 'handle'>;
  /** That in force. */
  cors: () => Cors | undefined;
  websocket: Bun.WebSocketHandler<SocketState>;
  addressOf: AddressOf;
  log: Pick<Log, 'error'>;
}

/** What the listener answers with, under the configuration in force. */
export function listenerAnswers({
  management,
  console,
  metricsPage,
  handler,
  cors,
  websocket,
  addressOf,
  log,
}: Answering) {
  function answer(request: Request, listener: Bun.Server<SocketState>): Promise<Response | undefined> {
    const { url } = request;
    if (isManagement(url)) return management.handleRemote(request, addressOf(request, listener));
    if (isConsole(url))
      return console.handle(request, addressOf(request, listener), () => listener.timeout(request, 0));
    if (metricsPage.isHere(url)) return metricsPage.handle(request, addressOf(request, listener));
    const rules = cors();
    return rules === undefined
      ? handler.handle(request, listener)
      : withCors(rules, request, () => handler.handle(request, listener));
  }

  return {
    fetch: answer,
    websocket,
    error(error: Error) {
      log.error('unexpected error', { error: error.stack ?? error.message });
      return Response.json(
        { error: { message: 'The gateway failed.', type: 'server_error' } },
        { status: 500 },
      );
    },
  };
}

export type ListenerAnswers = ReturnType<typeof listenerAnswers>;

/** Where it listens, and what changes only with a new start. `shared`: with other workers of this gateway. */
export function listenerAddress({ host, port, bounds, tls }: Config, shared: boolean) {
  return {
    hostname: host === '' ? '0.0.0.0' : host,
    port,
    // For requests that do not arrive; the handler lifts it from those that have, as a model may think for minutes.
    idleTimeout: bounds['request-silence'],
    development: false,
    // Outside development Bun shares a port with a second process; "port taken" must stay an error.
    reusePort: shared,
    // Bodies over the configured limit get an answer in the client's protocol from the handler.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    tls: tls.enable ? { cert: Bun.file(tls.cert ?? ''), key: Bun.file(tls.key ?? '') } : undefined,
  };
}

/** What `listen` gives; where the address cannot be listened on, nothing is left running. */
export async function listening<Server>(listen: () => Server, release: () => Promise<void>): Promise<Server> {
  try {
    return listen();
  } catch (error) {
    await release();
    throw error;
  }
}
