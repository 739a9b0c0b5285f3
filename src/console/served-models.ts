/** How many models of a credential are in cooldown: the catalog has what it serves, the pool which of that it would serve now. */
import type { Catalog } from '../credentials/catalog.ts';
import type { Pool } from '../credentials/pool.ts';
import type { ServedModels } from './wire.ts';

export interface Serving {
  catalog(): Pick<Catalog, 'models'>;
  pool: Pick<Pool, 'availability'>;
}

/** Whether a request for the model would go to the credential now. `model` is the provider's name; `now` in ms since the epoch. */
export function servesNow(
  { pool }: Pick<Serving, 'pool'>,
  credential: string,
  model: string,
  now: number,
): boolean {
  const kind = pool.availability(credential, model, now);
  return kind === 'ready' || kind === 'reserved';
}

/** By credential, of those with these ids alone: names that clients ask for, and how many of them are served now. */
export function servedModels(
  gateway: Serving,
  ids: ReadonlySet<string>,
  now: number,
): ReadonlyMap<string, ServedModels> {
  const served = new Map<string, ServedModels>();
  if (ids.size === 0) return served;
  for (const { candidates } of gateway.catalog().models()) {
    const ready = new Map<string, boolean>();
    for (const { credential, model } of candidates)
      if (ids.has(credential.id))
        ready.set(
          credential.id,
          (ready.get(credential.id) ?? false) || servesNow(gateway, credential.id, model, now),
        );
    for (const [id, isReady] of ready) {
      const before = served.get(id) ?? { all: 0, ready: 0 };
      served.set(id, { all: before.all + 1, ready: before.ready + (isReady ? 1 : 0) });
    }
  }
  return served;
}
