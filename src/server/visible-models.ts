/** The models that a client key sees: those that it may use. */
import type { ClientKey } from '../config/schema.ts';
import type { Catalog } from '../credentials/catalog.ts';
import { mayAsk, usableBy } from '../gateway/key-permission.ts';
import type { LimitedKey } from '../limits/limiter.ts';
import { mayUseModel } from '../limits/permission.ts';
import { clientAuth } from './client-auth.ts';

/** What model lists are made of. */
export type VisibleModels = Pick<Catalog, 'models' | 'route'>;

export function visibleTo(catalog: Catalog, key: LimitedKey | undefined): VisibleModels {
  if (key === undefined) return catalog;
  const { limits } = key;
  if (limits.models === undefined && limits.providers === undefined) return catalog;
  return {
    models: () =>
      catalog.models().flatMap((listed) => {
        const { id, candidates, by } = listed;
        if (by === undefined && !mayUseModel(limits, id)) return [];
        const usable = usableBy(key, id, listed);
        const own = usable === undefined ? candidates : candidates.filter(usable);
        return own.length > 0 ? [{ ...listed, candidates: own }] : [];
      }),
    route(model) {
      const route = catalog.route(model);
      if (route === undefined || !mayAsk(key, model, route)) return undefined;
      const usable = usableBy(key, model, route);
      if (usable === undefined) return route;
      const tiers = route.tiers.map((tier) => tier.filter(usable)).filter((tier) => tier.length > 0);
      return tiers.length > 0 ? { ...route, tiers } : undefined;
    },
  };
}

/** Names of the models that the client key with this id sees; of all, where there is no such key. */
export function modelsFor(catalog: Catalog, keys: readonly ClientKey[], keyId: string | undefined): string[] {
  const admitted = keyId === undefined || keys.length === 0 ? undefined : clientAuth(keys).byId(keyId);
  return visibleTo(catalog, admitted?.limited)
    .models()
    .map(({ id }) => id);
}
