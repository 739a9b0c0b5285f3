/** What clients can ask for, and who would serve it now. */
import { providerNameOf } from '../credentials/credential.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { knownModel } from '../models/known-models.ts';
import type { PriceList } from '../usage/price-list.ts';
import type { ModelRow } from './wire.ts';

/** Candidates that a row names. */
const mostNamed = 8;

/** `now` is in ms since the epoch. */
export function modelRows(
  { catalog, pool }: Pick<Gateway, 'catalog' | 'pool'>,
  prices: PriceList,
  now: number,
): ModelRow[] {
  return catalog()
    .models()
    .map(({ id, candidates, by }) => {
      const ready = candidates.filter(
        ({ credential, model }) => pool.availability(credential.id, model, now) === 'ready',
      );
      // What is known of a name that leads to several models is known of the first.
      const served = candidates[0]?.model ?? id;
      const known = knownModel(served);
      const price = prices.priceOf(served, id, now)?.price;
      return {
        id,
        providers: [...new Set(candidates.map(({ credential }) => providerNameOf(credential)))],
        names: [...new Set(candidates.map(({ model }) => model))]
          .filter((model) => model !== id)
          .slice(0, mostNamed),
        credentials: candidates.slice(0, mostNamed).map(({ credential }) => credential.label),
        candidates: candidates.length,
        ready: ready.length,
        route: by !== undefined,
        context: known?.context ?? null,
        inputs: (known?.inputs ?? []).filter((kind) => kind !== 'text'),
        price: price === undefined ? null : { input: price.input, output: price.output },
      };
    });
}
