import type { ShownCluster } from '../../src/management/own-answers.ts';
import { now } from '../clock.ts';
import { bytes, count, dateAndTime, fromNow, milliseconds } from '../format.ts';
import { words } from '../language.ts';
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
      <h3>{w.replicas}</h3>
      <section class="table" tabIndex={0} aria-label={w.replicas}>
        <table>
          <thead>
            <tr>
              <th scope="col">{w.replica}</th>
              <th scope="col">{w.state}</th>
              <th scope="col">{w.url}</th>
              <th scope="col" class="number">
                {w.running}
              </th>
              <th scope="col" class="number">
                {w.memory}
              </th>
              <th scope="col">{w.version}</th>
              <th scope="col">{w.started}</th>
            </tr>
          </thead>
          <tbody>
            {cluster.replicas.map(({ id, name, version, startedAt, now: facts, why }) => (
              <tr key={id}>
                <th scope="row">
                  {name} <code>{id}</code> {id === cluster.replica && <small>({w.thisOne})</small>}
                </th>
                <td>
                  <State tone={facts === null ? 'bad' : facts.stopsWithin === null ? 'good' : 'warn'}>
                    {facts === null
                      ? `${w.noAnswer}: ${why ?? ''}`
                      : facts.stopsWithin === null
                        ? w.serves
                        : w.drains(milliseconds(facts.stopsWithin))}
                  </State>
                </td>
                <td>{facts?.url ?? '–'}</td>
                <td class="number">
                  {facts === null ? '–' : `${count(facts.running)} (${w.waiting(facts.waiting)})`}
                </td>
                <td class="number">{facts === null ? '–' : bytes(facts.memory)}</td>
                <td>{version}</td>
                <td title={dateAndTime(startedAt)}>{fromNow(startedAt, now.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
