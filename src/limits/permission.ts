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

/** Whether a key may use a provider, by any of its names. */
export function mayUseProvider({ providers }: ClientLimits, names: readonly string[]): boolean {
  return (
    providers === undefined ||
    names.some((name) => providers.some((pattern) => matchesPattern(name, pattern)))
  );
}
