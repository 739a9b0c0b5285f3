/** The process, its cluster, its providers, and who is signed in to the console. */
import type { SystemFacts } from '../../src/console/wire.ts';
import type { ShownCluster } from '../../src/management/own-answers.ts';
import { ask, managed } from '../api.ts';
import { ClusterFacts } from '../components/cluster-facts.tsx';
import { Facts } from '../components/facts.tsx';
import { attempt } from '../components/notice.ts';
import { ProviderTable } from '../components/provider-table.tsx';
import { download } from '../download.ts';
import { bytes, count, endTime, milliseconds, span } from '../format.ts';
import { words } from '../language.ts';
import { accounts } from '../live.ts';
import { useLoaded } from '../loaded.ts';
import { signOut } from '../session.ts';

const every = 5000;

interface Listed {
  sessions: { id: string; address: string | null; as: string; since: string; used: string }[];
}

export function System() {
  const w = words.value.system;
  const facts = useLoaded<SystemFacts>('system', every);
  const cluster = useLoaded<{ cluster: ShownCluster | null }>(managed('cluster'), every);
  const sessions = useLoaded<Listed>('sessions');
  const known = facts.answer;
  const signOutAll = (): Promise<void> =>
    attempt(async () => {
      await ask('sessions', { method: 'DELETE' });
      await signOut();
    });
  const saveDiagnostics = (): Promise<void> =>
    attempt(() => download('diagnostics', 'cli-proxy-api-diagnostics.json'));
  return (
    <>
      <h1>{words.value.pages.system}</h1>
      {facts.problem !== '' && <p class="problem">{facts.problem}</p>}
      {known === undefined ? (
        facts.problem === '' && <p class="loading">{words.value.loading}</p>
      ) : (
        <Facts facts={factsOf(known)} />
      )}
      {cluster.answer?.cluster && <ClusterFacts cluster={cluster.answer.cluster} />}
      <h2>{w.providers}</h2>
      <ProviderTable rows={accounts.value ?? []} />
      <h2>{w.diagnostics}</h2>
      <p class="about">{w.diagnosticsAbout}</p>
      <p>
        <button type="button" onClick={() => void saveDiagnostics()}>
          {w.diagnosticsSave}
        </button>
      </p>
      <h2>{w.sessions}</h2>
      <ul>
        {(sessions.answer?.sessions ?? []).map(({ id, address, as, since, used }) => (
          <li key={id}>
            {as === 'owner' ? w.owner : as} · {address ?? '–'} · {w.signedInAt(endTime(since))} ·{' '}
            {w.used(endTime(used))}
          </li>
        ))}
      </ul>
      <p>
        <button type="button" onClick={() => void signOutAll()}>
          {w.signOutAll}
        </button>
      </p>
    </>
  );
}

function factsOf(known: SystemFacts): [string, string | null][] {
  const w = words.value.system;
  const refused = Object.entries(known.refusals).flatMap(([kind, times]) =>
    times === 0 ? [] : [`${kind} ${count(times)}`],
  );
  return [
    [w.version, `${known.version} (${known.runtime})`],
    [w.platform, known.platform],
    [w.url, known.url],
    [w.metrics, known.metrics],
    [w.authDir, known.authDir],
    [w.disk, known.disk && w.room(bytes(known.disk.free), bytes(known.disk.size))],
    [w.uptime, span(known.uptime)],
    [w.memory, bytes(known.memory)],
    [w.lag, milliseconds(known.lag)],
    [w.running, `${count(known.running)} (${w.waiting(known.waiting)})`],
    [w.consoles, known.consoles === 0 ? null : count(known.consoles)],
    [w.refused, refused.length === 0 ? w.none : refused.join(', ')],
  ];
}
