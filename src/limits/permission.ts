/** What a client key may use at all. */
import type { ClientLimits } from '../config/client-keys.ts';
import { splitModelSuffix } from '../protocols/reasoning.ts';
import { matchesPattern } from '../providers/pattern.ts';

/** Whether a key may use a model, by the name that clients write; a reasoning suffix does not count. */
export function mayUseModel({ models }: ClientLimits, model: string): boolean {
  if (models === undefined) return true;
  const asked = model.trim();
  const name = splitModelSuffix(asked).model;
  return models.some((pattern) => matchesPattern(asked, pattern) || matchesPattern(name, pattern));
}

/** A model route, as far as permissions go by it: `names` are those of all models that it may lead to. */
export interface PermittedRoute {
  name: string;
  names: readonly string[];
}

/**
 * Whether a key may use everything that a model route leads to, since its list names the route itself. Patterns name models only,
 * and so does a name that is one of the route's own models: then each model has to be allowed by itself.
 */
export function mayUseRoute(
  { models }: ClientLimits,
  asked: string,
  { name, names }: PermittedRoute,
): boolean {
  if (models === undefined) return true;
  const bare = splitModelSuffix(asked.trim()).model.toLowerCase();
  const meant = [name.toLowerCase(), ...(bare.includes('*') ? [] : [bare])];
  const own = names.map((one) => one.toLowerCase());
  return models.some((one) => {
    const written = one.toLowerCase();
    return meant.includes(written) && !own.includes(written);
  });
}

/** Whether a key may use a provider, by any of its names. */
export function mayUseProvider({ providers }: ClientLimits, names: readonly string[]): boolean {
  return (
    providers === undefined ||
    names.some((name) => providers.some((pattern) => matchesPattern(name, pattern)))
  );
}
