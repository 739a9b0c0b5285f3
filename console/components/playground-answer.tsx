import { useState } from 'preact/hooks';
import { hrefOf } from '../address.ts';
import { count, dollars, milliseconds } from '../format.ts';
import { words } from '../language.ts';
import { requests } from '../live.ts';
import { curlOf } from '../play/curl.ts';
import type { Run } from '../play/run.ts';
import { Copy, CopyButton } from './copy.tsx';
import { State, type Tone } from './state.tsx';
import { Tabs } from './tabs.tsx';

const views = ['answer', 'request', 'raw'] as const;
const tones: Record<Run['state'], Tone> = { running: 'off', done: 'good', stopped: 'warn', failed: 'bad' };

/** What a model has answered, how long it took, what it cost, and all of it as it was sent and came. `again` asks the same once more; absent while something runs. */
export function PlaygroundAnswer({ run, again }: { run: Run; again: (() => void) | undefined }) {
  const w = words.value.play;
  const [view, setView] = useState<(typeof views)[number]>('answer');
  const row = requests.value.find(({ id }) => id === run.id);
  const input = run.tokens.input ?? row?.input;
  const output = run.tokens.output ?? row?.output;
  return (
    <section class="card answer" aria-label={run.model} aria-busy={run.state === 'running'}>
      <p>
        <strong>{run.model}</strong> <State tone={tones[run.state]}>{w.states[run.state]}</State>{' '}
        {run.id !== undefined && <a href={hrefOf(`requests/${run.id}`)}>{w.waterfall}</a>}
      </p>
      <p class="tools">
        <button type="button" disabled={again === undefined} onClick={again}>
          {w.again}
        </button>
        <CopyButton text={() => curlOf(run.asked)} title={w.asCurl} />
      </p>
      <dl class="measures">
        <Measure name={w.firstToken} value={milliseconds(run.firstToken)} />
        <Measure name={w.duration} value={milliseconds(run.duration)} />
        <Measure name={w.tokens} value={`${count(input)} / ${count(output)}`} />
        <Measure name={w.cost} value={dollars(row?.cost)} />
      </dl>
      <Tabs
        label={w.view}
        tabs={views.map((name) => ({ name, title: w.views[name] }))}
        chosen={view}
        choose={(name) => setView(name)}
      />
      {view === 'answer' ? (
        <>
          {run.error !== '' && <p class="problem">{run.error}</p>}
          {run.thoughts !== '' && (
            <details>
              <summary>{w.thoughts}</summary>
              <p class="said">{run.thoughts}</p>
            </details>
          )}
          <p class="said" aria-live="polite">
            {run.text}
          </p>
          {run.calls !== '' && (
            <>
              <h2>{w.calls}</h2>
              <pre class="raw" tabIndex={0}>
                {run.calls}
              </pre>
            </>
          )}
        </>
      ) : (
        <>
          <Copy text={view === 'request' ? run.rawRequest : run.rawAnswer} />
          <pre class="raw" tabIndex={0}>
            {view === 'request' ? run.rawRequest : run.rawAnswer}
          </pre>
        </>
      )}
    </section>
  );
}

function Measure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
