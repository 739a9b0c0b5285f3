/** What the owner of a client key sees: its own limits, its own usage, and nothing else. */
import type { UsageRow } from '../src/usage/usage-row.ts';
import { ClientSnippets } from './components/client-snippets.tsx';
import { LimitList } from './components/limit-list.tsx';
import { UsageTable } from './components/usage-table.tsx';
import { words } from './language.ts';
import { useLoaded } from './loaded.ts';
import { signOut } from './session.ts';

/** Milliseconds between looks: what is used and left changes with each request. */
const every = 5000;

interface OwnUsage {
  limits: { limit: string; most: number; used: number; left: number; resets: string | null }[];
  usage: { today: UsageRow; span: { total: UsageRow; models: UsageRow[] } } | null;
}

export function MyKey({ name }: { name: string }) {
  const w = words.value.myKey;
  const { answer, problem } = useLoaded<OwnUsage>('me', every);
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
      <LimitList limits={answer?.limits ?? []} of={name} />
      <h2>{w.usage}</h2>
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
