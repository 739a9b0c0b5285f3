/** `GET /metrics`, at the gateway's own address or at one of its own. */
import type { Config } from '../../config/schema.ts';
import { pathOf } from '../../ground/url-path.ts';
import { contentTypes, formatOf } from '../../telemetry/metrics/exposition.ts';
import type { AddressOf } from '../client-address.ts';
import type { Refusals } from '../refusals.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { type AccessRules, metricsAccess } from './metrics-access.ts';
import { MetricsUnlistenable } from './metrics-unlistenable.ts';

export interface MetricsEndpoint {
  /** Whether the gateway's own listener has this address. */
  isHere(url: string): boolean;
  /** Answers a request for the metrics. `address` is the sender's. */
  handle(request: Request, address: string | undefined): Promise<Response>;
  /** Listens at `metrics.listen`, where the configuration names one. Throws {@link MetricsUnlistenable} where that cannot be. */
  listen(): void;
  close(): Promise<void>;
}

export interface EndpointDeps {
  metrics: Pick<GatewayMetrics, 'page'>;
  /** The configuration in force. */
  config: () => Config;
  isManagementKey: AccessRules['isManagementKey'];
  isClientKey: AccessRules['isClientKey'];
  addressOf: AddressOf;
  refusals: Pick<Refusals, 'refused'>;
}

const path = '/metrics';

export function metricsEndpoint({
  metrics,
  config,
  isManagementKey,
  isClientKey,
  addressOf,
  refusals,
}: EndpointDeps): MetricsEndpoint {
  let listener: Bun.Server<undefined> | undefined;

  async function handle(request: Request, address: string | undefined): Promise<Response> {
    const { method, headers } = request;
    if (method !== 'GET' && method !== 'HEAD')
      return refusal(405, `${path} takes GET, not ${method}.`, { allow: 'GET, HEAD' });
    const { token } = config().metrics;
    const access = await metricsAccess(headers, address, { token, isManagementKey, isClientKey });
    if (access !== 'granted') {
      if (access === 'wrong') await refusals.refused({ kind: 'wrong-management-key', address, method, path });
      return refusal(401, refusals401[access === 'missing' ? 'missing' : 'wrong'], {
        'www-authenticate': 'Bearer',
      });
    }
    const format = formatOf(headers.get('accept'));
    return new Response(await metrics.page(format), {
      headers: { 'content-type': contentTypes[format], 'cache-control': 'no-store' },
    });
  }

  return {
    isHere(url) {
      const { enable, listen } = config().metrics;
      // Asked of every request: hardly one has the word anywhere in its address.
      return enable && listen === undefined && url.includes(path) && placeOf(url) === path;
    },
    handle,
    listen() {
      const { enable, listen } = config().metrics;
      if (!enable || listen === undefined) return;
      const [, hostname = '', digits = ''] = /^(.*):(\d+)$/.exec(listen) ?? [];
      const [host, port] = [hostname.replace(/^\[|\]$/g, ''), Number(digits)];
      try {
        listener = Bun.serve({
          hostname: host,
          port,
          development: false,
          reusePort: false,
          maxRequestBodySize: 0,
          fetch: (request, server) =>
            config().metrics.enable && placeOf(request.url) === path
              ? handle(request, addressOf(request, server))
              : refusal(404, `There is nothing here but ${path}.`),
        });
      } catch (error) {
        throw new MetricsUnlistenable({ host, port }, error);
      }
    },
    async close() {
      await listener?.stop(true);
    },
  };
}

const refusals401 = {
  missing:
    'Metrics are for programs of this computer, or with the metrics.token or the management key as "Authorization: Bearer <key>".',
  wrong: 'This is neither the metrics.token nor the management key.',
} as const;

function refusal(status: number, message: string, headers: Record<string, string> = {}): Response {
  return new Response(`${message}\n`, {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  });
}

/** The path of a request's address, without the slash at its end. */
function placeOf(url: string): string {
  const whole = pathOf(url);
  return whole.length > 1 && whole.endsWith('/') ? whole.slice(0, -1) : whole;
}
