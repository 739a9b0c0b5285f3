/** What clients can ask for, who serves it now, and who would serve it for a key. */
import { useState } from 'preact/hooks';
import type { ModelRow } from '../../src/console/wire.ts';
import type { ManagementAnswer } from '../../src/management/own-answers.ts';
import { ask, managed } from '../api.ts';
import { FilterField, passesFilter } from '../components/filter-field.tsx';
import { attempt } from '../components/notice.ts';
import { State } from '../components/state.tsx';
import { VirtualRows } from '../components/virtual-rows.tsx';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';
import { narrow } from '../narrow.ts';

const heights = { wide: 60, narrow: 92 };
type Explained = Extract<ManagementAnswer, { choice: unknown }>;

export function Models() {
  const w = words.value.models;
  const { answer, problem } = useLoaded<{ models: ModelRow[] }>('models');
  const [explained, setExplained] = useState<Explained>();
  const rows = (answer?.models ?? []).filter((row) => passesFilter(row.id, ...row.providers, ...row.names));
  const explain = (model: string): Promise<void> =>
    attempt(async () =>
      setExplained(await ask<Explained>(managed(`routing?model=${encodeURIComponent(model)}`))),
    );
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.models}</h1>
        <FilterField />
      </div>
      {problem !== '' && <p class="problem">{problem}</p>}
      {explained !== undefined && (
        <section class="card" aria-live="polite">
          <h2>{w.wouldServe(explained.model)}</h2>
          <p>
            {words.value.request.strategy} {explained.choice.strategy} · {explained.choice.ready} /{' '}
            {explained.choice.candidates} {words.value.request.ready}
          </p>
          <ul>
            {(explained.choice.named ?? []).map(({ credential, model }) => (
              <li key={`${credential} ${model}`}>
                <State tone="good">{`${credential} · ${model}`}</State>
              </li>
            ))}
            {explained.choice.passed.map(({ credential, model, why, reason }) => (
              <li key={`${credential} ${model} ${why}`}>
                <State tone="warn">{`${credential} · ${model}: ${why} – ${reason}`}</State>
              </li>
            ))}
          </ul>
        </section>
      )}
      {answer === undefined ? (
        <p class="loading">{words.value.loading}</p>
      ) : rows.length === 0 ? (
        <p class="empty">{w.empty}</p>
      ) : (
        <VirtualRows
          rows={rows}
          height={narrow.value ? heights.narrow : heights.wide}
          label={words.value.pages.models}
          keyOf={(row) => row.id}
        >
          {(row) => (
            <button type="button" class="model-line" data-row onClick={() => void explain(row.id)}>
              <strong>{row.id}</strong>
              <State tone={row.ready === 0 ? 'bad' : row.ready < row.candidates ? 'warn' : 'good'}>
                {w.ready(row.ready, row.candidates)}
              </State>
              <span>{row.providers.join(', ')}</span>
              <small>{[row.route ? w.route : '', ...row.names].filter(Boolean).join(' · ')}</small>
            </button>
          )}
        </VirtualRows>
      )}
    </>
  );
}
