/** Models by names of the owner's own: which models a name leads to, in which order, and by which rule. Pure. */
import type { ModelRoute, ModelRoutes, RouteConditions, TargetConfig } from '../config/model-route-keys.ts';
import { splitModelSuffix } from '../protocols/reasoning.ts';
import { matchesPattern } from '../providers/pattern.ts';
import { type Candidate, type Catalog, type Route, suffixAmount } from './catalog.ts';
import type { AskedFeatures, MissingTarget, RoutedBy, RouteTarget } from './route-target.ts';

/** Names come from clients: so many answers are remembered. */
const rememberedNames = 2048;
const longestName = 512;

/** Targets of one name, with those of the routes that it names. */
const mostTargets = 64;

interface NamedRoute extends ModelRoute {
  name: string;
  pattern: boolean;
  /** Whether it leads to the very name that was asked for. */
  echoes: boolean;
}

/** Which models of a route count: those of the rule that holds, or of none, or all of them. */
type Picking = AskedFeatures | 'usual' | 'all';

interface Expansion {
  targets: { target: RouteTarget; route: Route }[];
  missing: MissingTarget[];
  rules: string[];
  /** The routes that are being followed. */
  open: Set<NamedRoute>;
}

type Settings = Pick<RouteTarget, 'amount' | 'maxOutputTokens' | 'timeouts'>;

const noSettings: Settings = { amount: undefined, maxOutputTokens: undefined, timeouts: undefined };

/** The catalogue with the model routes in front of it; the very same one where there are none. */
export function withModelRoutes(catalog: Catalog, routes: ModelRoutes): Catalog {
  const all = Object.entries(routes).map(
    ([name, route]): NamedRoute => ({
      ...route,
      name: name.trim(),
      pattern: name.includes('*'),
      echoes: [...route.models, ...route.rules.flatMap(({ models }) => models)].some(isEcho),
    }),
  );
  if (all.length === 0) return catalog;
  const exact = new Map(all.filter(({ pattern }) => !pattern).map((one) => [keyOf(one.name), one]));
  // The longer the literal part of a pattern, the more specific it is.
  const patterns = all
    .filter(({ pattern }) => pattern)
    .sort((a, b) => b.name.replaceAll('*', '').length - a.name.replaceAll('*', '').length);
  const made = new Map<string, Route>();
  const remembered = new Map<string, Found | undefined>();

  function lookUp(asked: string): Found | undefined {
    if (asked.length > longestName) return undefined;
    if (remembered.has(asked)) return remembered.get(asked);
    const found = find(asked.trim()) ?? find(asked.trim().replace(/^models\//i, ''));
    if (remembered.size >= rememberedNames) remembered.clear();
    remembered.set(asked, found);
    return found;
  }

  function find(name: string): Found | undefined {
    const bare = splitModelSuffix(name).model;
    const own = exact.get(keyOf(name)) ?? exact.get(keyOf(bare));
    if (own !== undefined) return { named: own, asked: own.name };
    const pattern = patterns.find((one) => matchesPattern(bare, one.name));
    return pattern && { named: pattern, asked: bare };
  }

  /** Adds what a route leads to, in its order; a route in it is replaced by its own targets. */
  function follow(named: NamedRoute, asked: string, pick: Picking, outer: Settings, into: Expansion): void {
    into.open.add(named);
    for (const written of pickedModels(named, pick, into)) {
      if (into.targets.length + into.missing.length >= mostTargets) break;
      const name = isEcho(written) ? asked : written.model;
      const inner = isEcho(written) ? undefined : (exact.get(keyOf(name)) ?? exact.get(keyOf(bareOf(name))));
      if (inner !== undefined && !into.open.has(inner)) {
        const suffix = exact.has(keyOf(name)) ? undefined : splitModelSuffix(name).amount;
        follow(inner, inner.name, pick, innerSettings(written, suffix, outer), into);
      } else {
        const route = catalog.route(name);
        if (route === undefined)
          into.missing.push({
            route: named.name,
            name,
            at: written.at,
            suggestion: catalog.suggestion(name),
          });
        else {
          const settings = innerSettings(written, suffixAmount(route, name), outer);
          into.targets.push({ route, target: { name: route.model, ...settings } });
        }
      }
    }
    into.open.delete(named);
  }

  function expanded({ named, asked }: Found, pick: Picking): Expansion {
    const into: Expansion = { targets: [], missing: [], rules: [], open: new Set() };
    follow(named, asked, pick, noSettings, into);
    // A rule without served models is ignored.
    return into.targets.length === 0 && into.rules.length > 0 ? expanded({ named, asked }, 'usual') : into;
  }

  /** The route for what is picked; undefined where none is served. One object for each choice, since the pool keeps its order. */
  function routeFor(found: Found, pick: Picking): Route | undefined {
    const { named, asked } = found;
    const expansion = expanded(found, pick);
    if (expansion.targets.length === 0) return undefined;
    const chosenBy = pick === 'all' ? ['all'] : expansion.rules;
    const key = [named.name, named.echoes ? keyOf(asked) : '', ...chosenBy].join('\n');
    const known = made.get(key);
    if (known !== undefined) return known;
    if (made.size >= rememberedNames) made.clear();
    const route = newRoute(found, expansion);
    made.set(key, route);
    return route;
  }

  function newRoute(found: Found, { targets, rules }: Expansion): Route {
    const { named } = found;
    const tiers = tiersOf(targets);
    // One whose credentials all serve before it adds nothing.
    const serving = new Set(tiers.flat().map(({ target }) => target));
    let all: readonly Candidate[] | undefined;
    let names: readonly string[] | undefined;
    const by: RoutedBy = {
      name: named.name,
      pattern: named.pattern,
      targets: targets.map(({ target }) => target).filter((target) => serving.has(target)),
      rules,
      names() {
        names ??= [...new Set(by.reachable().flatMap(({ target }) => target?.name ?? []))];
        return names;
      },
      reachable() {
        all ??= tiersOf(expanded(found, 'all').targets).flat();
        return all;
      },
    };
    const model = named.pattern && named.echoes ? found.asked : named.name;
    const route: Route = { model, tiers, by };
    // What a rule chose is not chosen from once more.
    if (rules.length === 0 && hasRules(named, exact)) by.choose = (asked) => routeFor(found, asked);
    return route;
  }

  function route(asked: string): Route | undefined {
    const found = lookUp(asked);
    return found === undefined ? catalog.route(asked) : usualRoute(found);
  }

  /** The route of requests for which no rule holds; all that rules lead to where there is none. */
  function usualRoute(found: Found): Route | undefined {
    found.usual ??= { route: routeFor(found, 'usual') ?? routeFor(found, 'all') };
    return found.usual.route;
  }

  return {
    ...catalog,
    route,
    models() {
      const real = catalog.models().flatMap((listed) => {
        const found = lookUp(listed.id);
        if (found === undefined) return [listed];
        return found.named.pattern ? listedOf(listed.id, usualRoute(found)) : [];
      });
      const own = [...exact.values()].flatMap((named) =>
        listedOf(named.name, usualRoute({ named, asked: named.name })),
      );
      return [...real, ...own].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    suggestion: (model) =>
      catalog.suggestion(
        model,
        [...exact.values()].map(({ name }) => name),
      ),
    deadRoute(asked) {
      const found = lookUp(asked);
      return found && usualRoute(found) === undefined
        ? [...new Set(expanded(found, 'usual').missing.map(({ name }) => name))]
        : undefined;
    },
    missingTargets() {
      const seen = new Set<string>();
      return all
        .flatMap((named) => expanded({ named, asked: named.name }, 'all').missing)
        .filter(({ route: of, name, at }) => {
          const id = [of, ...at].join('\n');
          // The matches of a pattern are known only for a requested name.
          const isNew = !seen.has(id) && !name.includes('*');
          seen.add(id);
          return isNew;
        });
    },
  };
}

interface Found {
  named: NamedRoute;
  /** The name that `*` matched, as a target. */
  asked: string;
  /** Looked up once. */
  usual?: { route: Route | undefined };
}

function keyOf(name: string): string {
  return name.toLowerCase();
}

function bareOf(name: string): string {
  return splitModelSuffix(name).model;
}

function isEcho({ model }: TargetConfig): boolean {
  return model === '*';
}

function pickedModels(
  { name, models, rules }: NamedRoute,
  pick: Picking,
  into: Expansion,
): readonly TargetConfig[] {
  if (pick === 'usual') return models;
  if (pick === 'all') return [...models, ...rules.flatMap((rule) => rule.models)];
  const index = rules.findIndex(({ when }) => holds(when, pick));
  const rule = rules[index];
  if (rule === undefined) return models;
  into.rules.push(`${name}: rule ${index + 1} (${conditionText(rule.when)})`);
  return rule.models;
}

/** A target's own settings override those of the route that names it. */
function innerSettings(own: TargetConfig, suffix: RouteTarget['amount'], outer: Settings): Settings {
  const limits = [own['max-output-tokens'], outer.maxOutputTokens].filter((limit) => limit !== undefined);
  return {
    amount: suffix ?? own.effort ?? outer.amount,
    maxOutputTokens: limits.length === 0 ? undefined : Math.min(...limits),
    timeouts: own.timeouts ?? outer.timeouts,
  };
}

function hasRules(named: NamedRoute, exact: ReadonlyMap<string, NamedRoute>): boolean {
  const seen = new Set<NamedRoute>();
  const look = (one: NamedRoute | undefined): boolean => {
    if (one === undefined || seen.has(one)) return false;
    seen.add(one);
    return (
      one.rules.length > 0 ||
      one.models.some(({ model }) => look(exact.get(keyOf(model)) ?? exact.get(keyOf(bareOf(model)))))
    );
  };
  return look(named);
}

function holds(when: RouteConditions, asked: AskedFeatures): boolean {
  const is = (wanted: boolean | undefined, feature: () => boolean): boolean =>
    wanted === undefined || feature() === wanted;
  const most = when['long-context'];
  return (
    is(when.background, asked.background) &&
    (most === undefined || asked.tokens() > most) &&
    is(when.images, asked.images) &&
    is(when['web-search'], asked.webSearch) &&
    is(when.thinking, asked.thinking)
  );
}

/** `long-context over 200000, images, no thinking`. */
function conditionText(when: RouteConditions): string {
  return Object.entries(when)
    .flatMap(([word, value]) => {
      if (value === undefined) return [];
      if (typeof value === 'number') return [`${word} over ${value}`];
      return [value ? word : `no ${word}`];
    })
    .join(', ');
}

/** The tiers of each target behind those of the one before. A credential serves a model once. */
function tiersOf(targets: Expansion['targets']): Candidate[][] {
  const seen = new Set<string>();
  return targets
    .flatMap(({ route, target }) =>
      route.tiers.map((tier) =>
        tier.flatMap((candidate) => {
          const key = `${candidate.credential.id}\n${candidate.model}`;
          if (seen.has(key)) return [];
          seen.add(key);
          return [{ ...candidate, target }];
        }),
      ),
    )
    .filter((tier) => tier.length > 0);
}

function listedOf(id: string, route: Route | undefined) {
  return route === undefined
    ? []
    : [{ id, candidates: route.tiers.flat(), ...(route.by && { by: route.by }) }];
}
