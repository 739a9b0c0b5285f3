/** The process, and who is signed in to the console. */
import type { SystemFacts } from '../../src/console/wire.ts';
import { ask } from '../api.ts';
import { attempt } from '../components/notice.ts';
import { count, dayAndTime, milliseconds } from '../format.ts';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';
import { signOut } from '../session.ts';

const every = 5000;

interface Listed {
  sessions: { id: string; address: string | null; as: string; since: string; used: string }[];
}

export function System() {
  const w = words.value.system;
  const facts = useLoaded<SystemFacts>('system', every);
  const sessions = useLoaded<Listed>('sessions');
  const known = facts.answer;
  const signOutAll = (): Promise<void> =>
    attempt(async () => {
      await ask('sessions', { method: 'DELETE' });
      await signOut();
    });
  return (
    <>
      <h1>{words.value.pages.system}</h1>
      {facts.problem !== '' && <p class="problem">{facts.problem}</p>}
      {known !== undefined && (
        <dl class="facts">
          <Fact name={w.version} value={`${known.version} (${known.runtime})`} />
          <Fact name={w.url} value={known.url} />
          <Fact name={w.authDir} value={known.authDir} />
          <Fact name={w.uptime} value={milliseconds(known.uptime * 1000)} />
          <Fact name={w.memory} value={`${(known.memory / 1e6).toFixed(0)} MB`} />
          <Fact name={w.running} value={`${count(known.running)} (${w.waiting(known.waiting)})`} />
          {Object.entries(known.refusals).map(([kind, times]) => (
            <Fact key={kind} name={`${w.turnedAway}: ${kind}`} value={count(times)} />
          ))}
        </dl>
      )}
      <h2>{w.sessions}</h2>
      <ul>
        {(sessions.answer?.sessions ?? []).map(({ id, address, as, since, used }) => (
          <li key={id}>
            {as} · {address ?? '–'} · {dayAndTime(since)} · {w.used(dayAndTime(used))}
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

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
