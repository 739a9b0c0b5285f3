/** What is wrong with `model-routes` as a whole: circles, names that are there twice, and suffixes that mean nothing. */
import { splitModelSuffix } from '../protocols/reasoning.ts';
import type { ModelRoute, ModelRoutes, TargetConfig } from './model-route-keys.ts';
import { type ConfigProblem, type ConfigWarning, dottedPath, type PathSegment } from './problem.ts';
import type { YamlDocument } from './yaml-document.ts';

interface NamedRoute {
  name: string;
  route: ModelRoute;
}

/** Names are read as those of models are: without regard to letter case. */
const keyOf = (name: string): string => name.trim().toLowerCase();

export function modelRouteProblems(
  routes: ModelRoutes,
  file: string,
  document: YamlDocument,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const byName = new Map<string, NamedRoute>();
  const report = (path: PathSegment[], part: 'key' | 'value', message: string, hint: string): void => {
    problems.push({ file, ...document.position(path, part), key: dottedPath(path), message, hint });
  };
  for (const [name, route] of Object.entries(routes)) {
    const twin = byName.get(keyOf(name));
    if (twin === undefined) byName.set(keyOf(name), { name, route });
    else
      report(
        ['model-routes', name],
        'key',
        `is the same name as "${twin.name}"`,
        'remove one: names of models are read without regard to letter case',
      );
  }
  for (const { name, route } of byName.values())
    for (const { model, at } of everyTarget(route))
      if (model !== '*' && isPattern(model))
        report(
          ['model-routes', name, ...at],
          'value',
          `"${model}" is no name of a model`,
          'name one model; "*" alone is the name that the client wrote',
        );
  const done = new Set<NamedRoute>();

  function follow(named: NamedRoute, path: readonly NamedRoute[]): void {
    for (const { model, at } of everyTarget(named.route)) {
      const next = byName.get(keyOf(model)) ?? byName.get(keyOf(splitModelSuffix(model).model));
      if (next === undefined || next === named || isPattern(next.name)) continue;
      const start = path.indexOf(next);
      if (start >= 0) {
        // Two routes that name each other end at the real model of one of them.
        if (path.slice(start).some(namesItself)) continue;
        const circle = [...path.slice(start), next].map(({ name }) => name).join(' → ');
        report(
          ['model-routes', named.name, ...at],
          'value',
          `goes round in a circle: ${circle}`,
          `let one of them name a model; inside its own route, the name of a route is the real model`,
        );
      } else if (!done.has(next)) follow(next, [...path, next]);
    }
    done.add(named);
  }

  for (const named of byName.values()) if (!done.has(named)) follow(named, [named]);
  return problems;
}

export function modelRouteWarnings(
  routes: ModelRoutes,
  file: string,
  document: YamlDocument,
): ConfigWarning[] {
  return Object.entries(routes).flatMap(([name, route]) =>
    everyTarget(route).flatMap(({ model, at }) => {
      const { model: bare, amount } = splitModelSuffix(model);
      if (bare === model || amount !== undefined) return [];
      const path = ['model-routes', name, ...at];
      return [
        {
          file,
          ...document.position(path, 'value'),
          key: dottedPath(path),
          message: `the suffix of "${model}" is not an effort, so it has no effect`,
          hint: 'write none, auto, minimal, low, medium, high, xhigh, max, ultra or a number of tokens in the brackets',
        },
      ];
    }),
  );
}

function everyTarget({ models, rules }: ModelRoute): TargetConfig[] {
  return [...models, ...rules.flatMap((rule) => rule.models)];
}

function namesItself({ name, route }: NamedRoute): boolean {
  return route.models.some(
    ({ model }) => model === '*' || keyOf(splitModelSuffix(model).model) === keyOf(name),
  );
}

function isPattern(name: string): boolean {
  return name.includes('*');
}
