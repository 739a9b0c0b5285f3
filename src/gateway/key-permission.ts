/** What a client key may use of the candidates for a model. */
import type { Candidate, Route } from '../credentials/catalog.ts';
import type { LimitedKey } from '../limits/limiter.ts';
import { mayUseModel, mayUseProvider, mayUseRoute } from '../limits/permission.ts';

/** Whether the key's list of providers has this one, by its kind or by the name that its entry has in the configuration. */
function mayUse(key: LimitedKey, { credential }: Candidate): boolean {
  const { provider, givenName } = credential;
  return mayUseProvider(key.limits, givenName === undefined ? [provider.name] : [provider.name, givenName]);
}

/**
 * Which candidates for the name that a client wrote the key may use; undefined for all of them. Behind a model route its models
 * count, unless the key's list names the route.
 */
export function usableBy(
  key: LimitedKey,
  asked: string,
  route: Pick<Route, 'by'> | undefined,
): ((candidate: Candidate) => boolean) | undefined {
  const { limits } = key;
  const ofProvider = (candidate: Candidate): boolean => mayUse(key, candidate);
  const by = route?.by;
  if (by === undefined || mayUseRoute(limits, asked, { name: by.name, names: by.names() }))
    return limits.providers === undefined ? undefined : ofProvider;
  return (candidate) => ofProvider(candidate) && mayUseTarget(limits, candidate);
}

/** Whether the key may use a model at all, on any credential. */
export function mayAsk(key: LimitedKey, asked: string, route: Route): boolean {
  const { limits } = key;
  const { by } = route;
  if (by === undefined) return mayUseModel(limits, asked);
  return (
    mayUseRoute(limits, asked, { name: by.name, names: by.names() }) ||
    by.reachable().some((candidate) => mayUseTarget(limits, candidate))
  );
}

function mayUseTarget(limits: LimitedKey['limits'], { target }: Candidate): boolean {
  return target === undefined || mayUseModel(limits, target.name);
}
