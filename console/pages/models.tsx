/** What clients can ask for, who serves it now, and who would serve it for a key. */
import { useState } from 'preact/hooks';
import type { ModelRow } from '../../src/console/wire.ts';
import type { ListedClientKey } from '../../src/management/client-keys.ts';
import type { ManagementAnswer } from '../../src/management/own-answers.ts';
import { query, setQuery } from '../address.ts';
import { ask, managed } from '../api.ts';
import { Explanation } from '../components/explanation.tsx';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { lazyView } from '../components/lazy-view.tsx';
import { attempt } from '../components/notice.ts';
import { State } from '../components/state.tsx';
import { Tabs } from '../components/tabs.tsx';
import { VirtualRows } from '../components/virtual-rows.tsx';
import { count, dollars } from '../format.ts';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';
import { narrow } from '../narrow.ts';

const views = ['served', 'routes'] as const;
const ModelRoutes = lazyView(async () => (await import('../components/model-route-list.tsx')).ModelRouteList);
const heights = { wide: 60, narrow: 108 };
type Explained = Extract<ManagementAnswer, { choice: unknown }>;

export function Models() {
  const w = words.value.models;
  const { answer, problem } = useLoaded<{ models: ModelRow[] }>('models');
  const [explained, setExplained] = useState<Explained>();
  const rows = (answer?.models ?? []).filter((row) => passesFilter(row.id, ...row.providers, ...row.names));
  const keys = useLoaded<{ keys: ListedClientKey[] }>(managed('client-keys'));
  const names = (keys.answer?.keys ?? []).flatMap(({ name }) => name ?? []);
  const key = query.value.get('key') ?? '';
  const view = views.find((one) => one === query.value.get('view')) ?? 'served';
  const explain = (model: string): Promise<void> =>
    attempt(async () => {
      const forKey = key === '' ? '' : `&key=${encodeURIComponent(key)}`;
      setExplained(await ask<Explained>(managed(`routing?model=${encodeURIComponent(model)}${forKey}`)));
    });
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.models}</h1>
        <FilterField />
        <Tabs
          label={words.value.pages.models}
          tabs={views.map((name) => ({ name, title: w.views[name] }))}
          chosen={view}
          choose={(name) => setQuery({ view: name === 'served' ? undefined : name, route: undefined })}
        />
        {view === 'served' && names.length > 0 && (
          <select
            aria-label={w.forKey}
            value={key}
            onChange={(event) => setQuery({ key: event.currentTarget.value })}
          >
            <option value="">{w.anyKey}</option>
            {names.map((name) => (
              <option key={name} value={name}>
                {w.asKey(name)}
              </option>
            ))}
          </select>
        )}
      </div>
      {problem !== '' && <p class="problem">{problem}</p>}
      {view === 'routes' ? (
        <ModelRoutes models={answer?.models ?? []} />
      ) : (
        <>
          {explained !== undefined && <Explanation explained={explained} />}
          {answer === undefined ? (
            problem === '' && <p class="loading">{words.value.loading}</p>
          ) : rows.length === 0 ? (
            <p class="empty">{w.empty}</p>
          ) : (
            <VirtualRows
              rows={rows}
              height={narrow.value ? heights.narrow : heights.wide}
              label={words.value.pages.models}
            >
              {(row) => <ModelLine row={row} explain={() => void explain(row.id)} />}
            </VirtualRows>
          )}
        </>
      )}
    </>
  );
}

function ModelLine({ row, explain }: { row: ModelRow; explain(): void }) {
  const w = words.value.models;
  const facts = [
    row.route ? w.route : '',
    ...row.names,
    row.context === null ? '' : w.context(count(row.context)),
    ...row.inputs.map((kind) => w.inputs[kind] ?? kind),
    row.price === null ? '' : w.price(dollars(String(row.price.input)), dollars(String(row.price.output))),
  ];
  return (
    <button type="button" class="model-line" data-row onClick={explain}>
      <span class="model-name">
        <strong>{row.id}</strong>
        <small>{facts.filter(Boolean).join(' · ')}</small>
      </span>
      <State tone={row.ready === 0 ? 'bad' : row.ready < row.candidates ? 'warn' : 'good'}>
        {w.ready(row.ready, row.candidates)}
      </State>
      <span>{row.providers.join(', ')}</span>
    </button>
  );
}
