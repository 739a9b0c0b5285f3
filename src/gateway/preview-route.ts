/** The models that replace one whose quota is used up. */

import type { Catalog, Route } from '../credentials/catalog.ts';
import type { MayServe } from '../credentials/survey.ts';
import { lookUp } from '../protocols/word-table.ts';

/**
 * The routes of the replacement models, in their order (`quota-exceeded.preview-models`). The map is asked for the
 * name that the client used, then for the provider's; a prefix before the client's name stays.
 */
export function previewRoutes(
  route: Route,
  previews: Readonly<Record<string, readonly string[]>>,
  catalog: Pick<Catalog, 'route'>,
  may?: MayServe,
): Route[] {
  const first = route.by && may ? route.tiers.flat().find(may) : route.tiers[0]?.[0];
  const model = first?.model ?? route.model;
  const names = lookUp(previews, route.model) ?? lookUp(previews, model) ?? [];
  const prefix = route.model.endsWith(`/${model}`) ? route.model.slice(0, -model.length) : '';
  return names.flatMap((name) => catalog.route(`${prefix}${name}`) ?? []);
}
