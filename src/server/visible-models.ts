/** The models that a client key sees: those that it may use. */
import type { Catalog } from '../credentials/catalog.ts';
import { mayUse } from '../gateway/key-permission.ts';
import type { LimitedKey } from '../limits/limiter.ts';
import { mayUseModel } from '../limits/permission.ts';

/** What model lists are made of. */
export type VisibleModels = Pick<Catalog, 'models' | 'route'>;

export function visibleTo(catalog: Catalog, key: LimitedKey | undefined): VisibleModels {
  if (key === undefined) return catalog;
  const { limits } = key;
  if (limits.models === undefined && limits.providers === undefined) return catalog;
  return {
    models: () =>
      catalog.models().flatMap(({ id, candidates }) => {
        const own = mayUseModel(limits, id) ? candidates.filter((candidate) => mayUse(key, candidate)) : [];
        return own.length > 0 ? [{ id, candidates: own }] : [];
      }),
    route(model) {
      const route = mayUseModel(limits, model) ? catalog.route(model) : undefined;
      if (route === undefined) return undefined;
      const tiers = route.tiers
        .map((tier) => tier.filter((candidate) => mayUse(key, candidate)))
        .filter((tier) => tier.length > 0);
      return tiers.length > 0 ? { ...route, tiers } : undefined;
    },
  };
}
