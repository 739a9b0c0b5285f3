/** Asking the compatible services whose entries name no models, for commands that list or check. */

import type { Config } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { createOfferedModels } from '../gateway/offered-models.ts';
import { systemClock } from '../ground/clock.ts';
import { counted } from '../ground/counted.ts';
import { openConnections } from './connections.ts';

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
  using connections = openConnections(config);
  const offered = createOfferedModels({
    ...connections,
    clock: systemClock,
    log: { debug: silent, info: silent, warn: silent },
    inForce: () => config,
    patience,
  });
  await offered.look(asking);
  return {
    credentials: offered.applied(credentials),
    outcomes: asking.map((credential) => {
      const outcome = offered.outcomeOf(credential) ?? { reason: 'it was not asked' };
      const name = credential.label;
      if ('models' in outcome)
        return {
          name,
          models: outcome.models,
          sentence: `${name}: ${counted(outcome.models, 'model')} found`,
        };
      const sentence = `${name} serves nothing: it gives no list of models (${outcome.reason}), and none are named under "models"`;
      return { name, models: 0, sentence };
    }),
  };
}
