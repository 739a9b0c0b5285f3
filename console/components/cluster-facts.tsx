import type { ShownCluster } from '../../src/management/own-answers.ts';
import { now } from '../clock.ts';
import { bytes, count, dateAndTime, fromNow, milliseconds } from '../format.ts';
import { words } from '../language.ts';
import { DataTable } from './data-table.tsx';
import { State } from './state.tsx';

/** What the replicas share their state on, and which replicas there are. */
export function ClusterFacts({ cluster }: { cluster: ShownCluster }) {
  const w = words.value.system;
  return (
    <section aria-label={w.cluster(cluster.name)}>
      <h2>{w.cluster(cluster.name)}</h2>
      <h3>{w.engines}</h3>
      <ul class="engines">
        {cluster.engines.map(({ name, state, why, since }) => (
          <li key={name}>
            <strong>{name}</strong>
            <State tone={state === 'down' ? 'bad' : why === null ? 'good' : 'warn'}>
              {state === 'down' ? w.down : why === null ? w.up : w.degraded}
            </State>
            <small>
              {[since === null ? null : w.since(`${dateAndTime(since)} (${fromNow(since, now.value)})`), why]
                .filter(Boolean)
                .join(' · ')}
            </small>
          </li>
        ))}
      </ul>
      {cluster.notShared.length > 0 && <p>{w.withoutValkey}</p>}
      <h3>{w.replicas}</h3>
      <DataTable
        label={w.replicas}
        columns={[
          { title: w.replica },
          { title: w.state },
          { title: w.url },
          { title: w.running, number: true },
          { title: w.memory, number: true },
          { title: w.version },
          { title: w.started },
        ]}
        rows={cluster.replicas.map(({ id, name, version, startedAt, now: facts, why }) => ({
          key: id,
          cells: () => [
            <>
              {name} <code>{id}</code> {id === cluster.replica && <small>({w.thisOne})</small>}
            </>,
            <State key={id} tone={facts === null ? 'bad' : facts.stopsWithin === null ? 'good' : 'warn'}>
              {facts === null
                ? `${w.noAnswer}: ${why ?? ''}`
                : facts.stopsWithin === null
                  ? w.serves
                  : w.drains(milliseconds(facts.stopsWithin))}
            </State>,
            facts?.url ?? '–',
            facts === null ? '–' : `${count(facts.running)} (${w.waiting(facts.waiting)})`,
            facts === null ? '–' : bytes(facts.memory),
            version,
            <span key={id} title={dateAndTime(startedAt)}>
              {fromNow(startedAt, now.value)}
            </span>,
          ],
        }))}
      />
    </section>
  );
}
