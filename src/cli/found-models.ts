/** Asking the compatible services whose entries name no models, for commands that list or check. */

import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { createOfferedModels } from '../gateway/offered-models.ts';
import { takeProxies } from '../gateway/upstream/proxy.ts';
import { systemClock } from '../ground/clock.ts';
import { createHttpClient } from '../http-client/client.ts';
import { version } from './version.ts';

/** Milliseconds that a command waits for a service. */
const patience = 10_000;

export interface AskedServices {
  /** The credentials with the models that their services list. */
  credentials: Credential[];
  /** A sentence for each service that was asked: what was found, or that it serves nothing and why. */
  outcomes: { name: string; models: number; sentence: string }[];
}

/** Asks each once. Credentials that need no list are given back as they are. */
export async function askServices(
  credentials: readonly Credential[],
  config: Config,
): Promise<AskedServices> {
  const asking = credentials.filter(({ provider }) => provider.offers !== undefined);
  if (asking.length === 0) return { credentials: [...credentials], outcomes: [] };
  const silent = (): void => {};
  const proxies = takeProxies({ ...process.env });
  const http = createHttpClient(() => config.bounds);
  const offered = createOfferedModels({
    http,
    userAgent: `cli-proxy-api/${version}`,
    clock: systemClock,
    proxies,
    log: { debug: silent, info: silent, warn: silent },
    inForce: () => config,
    patience,
  });
  try {
    await offered.look(asking);
    return {
      credentials: offered.applied(credentials),
      outcomes: asking.map((credential) => {
        const outcome = offered.outcomeOf(credential) ?? { reason: 'it was not asked' };
        const name = credential.label;
        if ('models' in outcome)
          return { name, models: outcome.models, sentence: `${name}: ${outcome.models} models found` };
        const sentence = `${name} serves nothing: it gives no list of models (${outcome.reason}), and none are named under "models"`;
        return { name, models: 0, sentence };
      }),
    };
  } finally {
    http.close();
  }
}
