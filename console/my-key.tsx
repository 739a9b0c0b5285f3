/** What the owner of a client key sees: its own limits, its own usage, and nothing else. */
import type { UsageRow } from '../src/usage/usage-row.ts';
import { ClientSnippets } from './components/client-snippets.tsx';
import { Meter } from './components/meter.tsx';
import { UsageTable } from './components/usage-table.tsx';
import { count, dayAndTime, dollars } from './format.ts';
import { words } from './language.ts';
import { useLoaded } from './loaded.ts';
import { signOut } from './session.ts';

interface OwnUsage {
  limits: { limit: string; most: number; used: number; left: number; resets: string | null }[];
  usage: { today: UsageRow; span: { total: UsageRow; models: UsageRow[] } } | null;
}

export function MyKey({ name }: { name: string }) {
  const w = words.value.myKey;
  const { answer, problem } = useLoaded<OwnUsage>('me');
  return (
    <main id="content">
      <div class="tools">
        <h1>{w.title(name)}</h1>
        <button type="button" onClick={() => void signOut()}>
          {words.value.nav.signOut}
        </button>
      </div>
      {problem !== '' && <p class="problem">{problem}</p>}
      <h2>{w.limits}</h2>
      {answer?.limits.length === 0 && <p class="empty">{w.noLimits}</p>}
      <ul class="pools limits">
        {(answer?.limits ?? []).map(({ limit, most, used, left, resets }) => (
          <li key={limit}>
            <span class="pool-name">{limit}</span>
            <Meter left={most === 0 ? 0 : left / most} label={limit} />
            <span>
              {limit.endsWith('usd')
                ? `${dollars(String(used))} / ${dollars(String(most))}`
                : `${count(used)} / ${count(most)}`}
            </span>
            <small>{resets !== null && words.value.overview.resets(dayAndTime(resets))}</small>
          </li>
        ))}
      </ul>
      <h2>{words.value.pages.usage}</h2>
      {answer?.usage && (
        <UsageTable
          rows={answer.usage.span.models}
          total={answer.usage.span.total}
          label={words.value.requests.model}
          nameOf={(row) => row.model ?? '–'}
        />
      )}
      <h2>{w.use}</h2>
      <ClientSnippets />
    </main>
  );
}
