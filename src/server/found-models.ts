/** The models of compatible services whose entries name none: asked for at the start, and again while the gateway runs. */

import type { Credential } from '../credentials/credential.ts';
import { createOfferedModels, type OfferedModelsOptions, retryAge } from '../gateway/offered-models.ts';
import { systemClock } from '../ground/clock.ts';

export interface FoundModels {
  /** The credentials of the configuration with what was found. Waits a little for services that were not asked yet. */
  applied(credentials: readonly Credential[]): Promise<Credential[]>;
  close(): void;
}

/** Milliseconds that credentials wait to be put in force: services nearby have answered by then. */
const firstWait = 1500;

/** `onChange` is called when a service lists other models than before. */
export function createFoundModels(options: OfferedModelsOptions & { onChange: () => void }): FoundModels {
  const offered = createOfferedModels(options);
  let inForce: readonly Credential[] = [];
  let closed = false;

  async function look(): Promise<void> {
    if ((await offered.look(inForce)) && !closed) options.onChange();
  }

  const stop = systemClock.every(retryAge, () => void look());

  return {
    async applied(credentials) {
      inForce = credentials.filter(({ provider }) => provider.offers !== undefined);
      if (inForce.length > 0) {
        const asked = look();
        if (inForce.some((credential) => offered.outcomeOf(credential) === undefined))
          await Promise.race([asked, systemClock.wait(firstWait)]);
      }
      return offered.applied(credentials);
    },
    close() {
      closed = true;
      stop();
    },
  };
}
