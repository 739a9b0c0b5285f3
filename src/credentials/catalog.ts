/** Which credentials serve which model: made once per configuration, read once per request. */
import { editDistance } from '../config/suggestion.ts';
import { type ReasoningAmount, splitModelSuffix } from '../protocols/reasoning.ts';
import { matchesPattern } from '../providers/pattern.ts';
import type { Provider } from '../providers/provider.ts';
import type { Credential, ServedModel } from './credential.ts';
import type { OwnerTraits } from './owner-traits.ts';
import type { MissingTarget, RoutedBy, RouteTarget } from './route-target.ts';

/** A credential that can serve the wanted model, and the name by which its provider knows it. */
export interface Candidate {
  credential: Credential;
  model: string;
  /** The owner's settings of the model. */
  about?: OwnerTraits;
  /** What a model route leads to, where one does. */
  target?: RouteTarget;
}

/** The candidates for one model name in tiers of equal priority, highest first. */
export interface Route {
  /** The name as clients write it, without a reasoning suffix (unless the list has the name with one). */
  model: string;
  tiers: readonly (readonly Candidate[])[];
  /** The model route that it comes of, whose targets follow each other in the tiers. */
  by?: RoutedBy;
}

/** A listed model. */
export interface ListedModel {
  id: string;
  candidates: readonly Candidate[];
  by?: RoutedBy;
}

export interface Catalog {
  /** The candidates for a model name, with or without a suffix like `(high)`; undefined when no credential serves it. */
  route(model: string): Route | undefined;
  /** Every listed model with the credentials behind it, sorted by name. */
  models(): ListedModel[];
  /** Up to three names that a client may have meant, of the listed ones and `others`. */
  suggestion(model: string, others?: readonly string[]): string[];
  /** The names in a model route of which no credential serves any; undefined for all other names. */
  deadRoute?(model: string): readonly string[] | undefined;
  /** Targets of model routes that no credential serves. */
  missingTargets?(): MissingTarget[];
  readonly size: number;
}

/** Families of models are matched on demand; this many answers are remembered. */
const rememberedRoutes = 2048;

/** Characters of a model name; no provider has one as long, and names are kept and compared. */
const longestName = 512;

/** What no name of a provider contains: a suffix, or a character that a reader cannot see. Only a list may name such a model. */
const notInNames = /[\s()\p{Cc}\p{Cf}]/u;

/** How Google's clients write a model's name in full. */
const resourcePrefix = 'models/';

export function createCatalog(credentials: readonly Credential[], forcePrefix: boolean): Catalog {
  const listed = new Map<string, Candidate[]>();
  const open: Credential[] = [];
  const add = (name: string, candidate: Candidate): void => {
    const key = name.toLowerCase();
    const list = listed.get(key);
    if (list === undefined) listed.set(key, [candidate]);
    else if (!endsWith(list, candidate)) list.push(candidate);
    if (!spelling.has(key)) spelling.set(key, name);
  };
  const spelling = new Map<string, string>();

  for (const credential of credentials) {
    for (const { name, alias, about } of servedModels(credential)) {
      if (isExcluded(credential, name)) continue;
      const candidate = { credential, model: name, ...(about && { about }) };
      for (const exposed of exposedNames(credential, alias, forcePrefix)) add(exposed, candidate);
    }
    const { families, otherFamilies = [] } = credential.provider;
    if (credential.models.length === 0 && families.length + otherFamilies.length > 0) open.push(credential);
  }

  const routes = new Map<string, Route | undefined>();
  /** One route for all spellings of a listed name: whose turn it is does not depend on the spelling. */
  const listedRoutes = new Map<string, Route>();

  function listedRoute(name: string): Route | undefined {
    const key = name.toLowerCase();
    const known = listedRoutes.get(key);
    const found = listed.get(key);
    if (known !== undefined || found === undefined) return known;
    const made = { model: spelling.get(key) ?? name, tiers: tiersOf(found) };
    listedRoutes.set(key, made);
    return made;
  }

  function familyRoute(model: string): Route | undefined {
    if (notInNames.test(model)) return undefined;
    const candidates = (familiesOf: (provider: Provider) => readonly string[] | undefined): Candidate[] =>
      open.flatMap((credential) => {
        const name = nameWithoutPrefix(credential, model, forcePrefix);
        if (name === undefined) return [];
        const own = ownName(credential, name) ?? name;
        if (isRenamed(credential, own) || isExcluded(credential, name) || isExcluded(credential, own))
          return [];
        return fits(own, familiesOf(credential.provider)) ? [{ credential, model: own }] : [];
      });
    const own = candidates(({ families }) => families);
    const family = own.length > 0 ? own : candidates(({ otherFamilies }) => otherFamilies);
    return family.length > 0 ? { model, tiers: tiersOf(family) } : undefined;
  }

  /** The name unchanged where a list has it; otherwise without suffix and `models/`, which no provider's name has. */
  function findRoute(model: string): Route | undefined {
    const name = model.trim();
    const found = listedRoute(name);
    if (found !== undefined) return found;
    const bare = splitModelSuffix(name).model;
    if (bare !== name) return routeOf(bare);
    const named = familyRoute(name);
    if (named !== undefined || !name.toLowerCase().startsWith(resourcePrefix)) return named;
    return routeOf(name.slice(resourcePrefix.length));
  }

  function routeOf(model: string): Route | undefined {
    if (model.length > longestName) return undefined;
    if (routes.has(model)) return routes.get(model);
    const route = findRoute(model);
    if (routes.size >= rememberedRoutes) routes.clear();
    routes.set(model, route);
    return route;
  }

  return {
    route: routeOf,
    models() {
      return [...listed]
        .map(([key, candidates]) => ({ id: spelling.get(key) ?? key, candidates }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    suggestion(model, others = []) {
      if (model.length > longestName) return [];
      return suggestedNames(splitModelSuffix(model.trim()).model, [...others, ...spelling.values()]);
    },
    size: credentials.length,
  };
}

/**
 * How hard to think, by the suffix of the name that a client wrote: `model(high)`. Undefined where there is none, and where
 * the list has the name with its brackets: then they are the owner's or the provider's.
 */
export function suffixAmount({ model }: Route, requested: string): ReasoningAmount | undefined {
  const name = requested.trim();
  return name.toLowerCase() === model.toLowerCase() ? undefined : splitModelSuffix(name).amount;
}

/** What the credential shows in lists: its own models, or the provider's, with the aliases that single ones have. */
function servedModels(credential: Credential): readonly ServedModel[] {
  if (credential.models.length > 0) return credential.models;
  const { provider } = credential;
  const names = (provider.listed ?? provider.models).filter(
    // A provider record may serve part of the list only (the sandbox has one per protocol).
    (name) => servesFamily(credential, name) && !isRenamed(credential, name),
  );
  const taken = new Set(credential.aliases.map(({ alias }) => alias.toLowerCase()));
  const others = provider.alsoNamed?.listed(names, provider.listed) ?? [];
  const otherNames = others.flatMap((alias): ServedModel[] => {
    const name = ownName(credential, alias);
    return name === undefined || taken.has(alias) || isRenamed(credential, name) ? [] : [{ name, alias }];
  });
  return [...names.map((name) => ({ name, alias: name })), ...otherNames, ...credential.aliases];
}

/** True for a model that is known to clients under another name alone. */
function isRenamed(credential: Credential, model: string): boolean {
  const own = credential.aliases.filter(({ name }) => name.toLowerCase() === model.toLowerCase());
  return own.length > 0 && !own.some(({ fork }) => fork);
}

function exposedNames(credential: Credential, alias: string, forcePrefix: boolean): string[] {
  if (credential.prefix === undefined) return [alias];
  const prefixed = `${credential.prefix}/${alias}`;
  return forcePrefix ? [prefixed] : [alias, prefixed];
}

function nameWithoutPrefix(credential: Credential, model: string, forcePrefix: boolean): string | undefined {
  if (credential.prefix === undefined) return model;
  if (model.toLowerCase().startsWith(`${credential.prefix.toLowerCase()}/`)) {
    return model.slice(credential.prefix.length + 1);
  }
  return forcePrefix ? undefined : model;
}

/** The provider's name where clients know the model under another. */
function ownName({ provider }: Credential, model: string): string | undefined {
  return provider.alsoNamed?.own(model, provider.listed);
}

/** Whether a candidate is in a list: all of one credential are adjacent, the newest last. */
function endsWith(list: readonly Candidate[], { credential, model }: Candidate): boolean {
  for (let at = list.length - 1; list[at]?.credential === credential; at--)
    if (list[at]?.model === model) return true;
  return false;
}

function servesFamily({ provider }: Credential, model: string): boolean {
  return fits(model, provider.families);
}

function fits(model: string, families: readonly string[] | undefined): boolean {
  return families?.some((pattern) => matchesPattern(model, pattern)) === true;
}

function isExcluded(credential: Credential, model: string): boolean {
  const bare = model.startsWith(resourcePrefix) ? model.slice(resourcePrefix.length) : model;
  return credential.excludedModels.some(
    (pattern) => matchesPattern(model, pattern) || (bare !== model && matchesPattern(bare, pattern)),
  );
}

function tiersOf(candidates: readonly Candidate[]): Candidate[][] {
  const tiers = new Map<number, Candidate[]>();
  for (const candidate of candidates) {
    const tier = tiers.get(candidate.credential.priority);
    if (tier === undefined) tiers.set(candidate.credential.priority, [candidate]);
    else tier.push(candidate);
  }
  return [...tiers].sort(([a], [b]) => b - a).map(([, tier]) => tier);
}

/** The most names that an unserved one is compared with: the work for a hint is bounded. */
const mostCompared = 2000;

function suggestedNames(wanted: string, names: readonly string[]): string[] {
  return (
    names
      .slice(0, mostCompared)
      // Names of very different lengths are not near: these are not worth comparing.
      .filter((name) => wanted.length <= 2 * name.length + 3)
      .map((name) => ({ name, distance: distanceTo(name.toLowerCase(), wanted.toLowerCase()) }))
      .filter(({ name, distance }) => distance <= Math.max(3, Math.ceil(name.length / 2)))
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 3)
      .map(({ name }) => name)
  );
}

/** A name is near without its prefix, too: who leaves out `work/` or the maker's name means that one. */
function distanceTo(name: string, wanted: string): number {
  const bare = name.slice(name.lastIndexOf('/') + 1);
  const whole = editDistance(wanted, name);
  return bare === name ? whole : Math.min(whole, editDistance(wanted, bare) + 0.5);
}
