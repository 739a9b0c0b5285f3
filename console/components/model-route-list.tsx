import { useEffect } from 'preact/hooks';
import type { ModelRow } from '../../src/console/wire.ts';
import { query, setQuery } from '../address.ts';
import { words } from '../language.ts';
import {
  emptyRoute,
  type RouteForm,
  type RuleForm,
  routeForm,
  type TargetForm,
  writtenRoute,
} from '../route-form.ts';
import { lookAt, readSettings, settings, settingsProblem } from '../settings-draft.ts';
import { passesFilter } from './filter-field.tsx';
import { attempt } from './notice.ts';
import { RouteFields } from './route-fields.tsx';
import { SaveDialog } from './save-dialog.tsx';

/** `model-routes` of the configuration: names of one's own, what they lead to, and in which order. */
export function ModelRouteList({ models }: { models: readonly ModelRow[] }) {
  const w = words.value.routes;
  const known = settings.value;
  const opened = query.value.get('route');
  useEffect(() => void readSettings(), []);
  if (settingsProblem.value !== '') return <p class="problem">{settingsProblem.value}</p>;
  if (known === undefined) return <p class="loading">{words.value.loading}</p>;
  const propose = (changes: { path: string[]; value: unknown }[]): void => {
    void attempt(() => lookAt({ changes }));
  };
  const look = (old: string | undefined, form: RouteForm): void =>
    propose([
      ...(old !== undefined && old !== form.name ? [{ path: ['model-routes', old], value: null }] : []),
      { path: ['model-routes', form.name.trim()], value: writtenRoute(form) ?? [] },
    ]);
  const close = (): void => setQuery({ route: undefined });
  const routes = Object.entries(known.routes).map(([name, written]) => routeForm(name, written));
  const shown = routes.filter(({ name, targets }) =>
    passesFilter(name, ...targets.map(({ model }) => model)),
  );
  return (
    <>
      <datalist id="served-models">
        {[...models.map(({ id }) => id), ...Object.keys(known.routes)].map((id) => (
          <option key={id} value={id} />
        ))}
      </datalist>
      <p>
        {w.about}{' '}
        <button type="button" onClick={() => setQuery({ route: '+' })}>
          {w.add}
        </button>
      </p>
      {opened === '+' && (
        <RouteFields route={emptyRoute} look={(form) => look(undefined, form)} close={close} />
      )}
      {routes.length === 0 && opened !== '+' && <p class="empty">{w.empty}</p>}
      <ul>
        {shown.map((route) =>
          opened === route.name ? (
            <li key={route.name}>
              <RouteFields route={route} look={(form) => look(route.name, form)} close={close} />
            </li>
          ) : (
            <li key={route.name} class="card" data-row tabIndex={0}>
              <p>
                <strong>{route.name}</strong> → {targetText(route.targets)}
              </p>
              {route.rules.map((rule) => (
                <p key={ruleText(rule)} class="about">
                  {w.when(ruleText(rule))} → {targetText(rule.targets)}
                </p>
              ))}
              <div class="tools">
                <button type="button" onClick={() => setQuery({ route: route.name })}>
                  {w.edit(route.name)}
                </button>
                <button
                  type="button"
                  onClick={() => propose([{ path: ['model-routes', route.name], value: null }])}
                >
                  {w.remove(route.name)}
                </button>
              </div>
            </li>
          ),
        )}
      </ul>
      <SaveDialog saved={close} />
    </>
  );
}

function targetText(targets: readonly TargetForm[]): string {
  const w = words.value.routes;
  if (targets.length === 0) return w.asAsked;
  return targets
    .map(({ model, effort, maxOutput }) => {
      const more = [effort, maxOutput && w.atMost(maxOutput)].filter(Boolean).join(', ');
      return more === '' ? model : `${model} (${more})`;
    })
    .join(w.thenNext);
}

function ruleText({ words: conditions, longContext }: RuleForm): string {
  const w = words.value.routes;
  return [
    ...Object.entries(conditions).map(([word, is]) => (is ? word : w.not(word))),
    longContext && w.longerThan(longContext),
  ]
    .filter(Boolean)
    .join(', ');
}
