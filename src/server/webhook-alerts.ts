/** Alerts to a webhook, and what outlasts a restart of them. */
import type { Config } from '../config/schema.ts';
import type { Proxies } from '../gateway/upstream/proxy.ts';
import type { Clock } from '../ground/clock.ts';
import { asFetch } from '../http-client/as-fetch.ts';
import type { HttpClient } from '../http-client/client.ts';
import type { Log } from '../telemetry/log.ts';

import type { Condition } from './alert-changes.ts';
import { createAlertFile } from './alert-file.ts';
import { type AlertClaim, createAlerts } from './alerts.ts';
import { savedRecords } from './saved-records.ts';

export interface WebhookAlertsDeps {
  conditions: () => readonly Condition[];
  http: Pick<HttpClient, 'send'>;
  proxies: Pick<Proxies, 'proxyFor'>;
  config: () => Config;
  claim: AlertClaim | undefined;
  log: Log;
  clock: Clock;
}

export interface WebhookAlerts {
  configure(config: Pick<Config, 'alerts' | 'auth-dir'>): Promise<void>;
  close(): Promise<void>;
}

export function webhookAlerts({ http, proxies, config, ...deps }: WebhookAlertsDeps): WebhookAlerts {
  const alerts = createAlerts({
    ...deps,
    fetch: asFetch({
      http,
      pool: 'alerts',
      proxyFor: (url) => proxies.proxyFor(url, config()['proxy-url']),
      // A page of megabytes behind a 200 has taken the alert, too.
      mostBytes: 0,
      connectTime: config().timeouts.connect,
    }),
    onChange: () => kept.changed(),
  });
  const kept = savedRecords(createAlertFile, deps.log, { records: alerts.known, restore: alerts.restore });
  return {
    async configure(next) {
      alerts.configure(next.alerts);
      await kept.configure(next.alerts.url === undefined ? undefined : next['auth-dir']);
    },
    async close() {
      await alerts.close();
      await kept.close();
    },
  };
}
