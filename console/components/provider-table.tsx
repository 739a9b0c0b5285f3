import type { AccountRow } from '../../src/console/wire.ts';
import { now } from '../clock.ts';
import { count, fromNow } from '../format.ts';
import { words } from '../language.ts';
import { DataTable } from './data-table.tsx';
import { State, type Tone } from './state.tsx';

/** As labels begin: a service of one's own has the name that it was given. */
function nameOf({ label, provider }: AccountRow): string {
  return /^(.+?)(?:\/| \(…)/.exec(label)?.[1] ?? provider;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Whether providers are reached: what requests of the last hours have come to, by provider. */
export function ProviderTable({ rows }: { rows: readonly AccountRow[] }) {
  const w = words.value.system;
  const providers = [...Map.groupBy(rows, nameOf)].map(([name, all]) => ({
    name,
    accounts: all.length,
    answered: sum(all.flatMap(({ recent }) => recent?.answered ?? [])),
    failed: sum(all.flatMap(({ recent }) => recent?.failed ?? [])),
    lastUse: all
      .flatMap(({ lastUse }) => lastUse ?? [])
      .toSorted()
      .at(-1),
  }));
  if (providers.length === 0) return <p class="empty">{w.noProviders}</p>;
  return (
    <DataTable
      label={w.providers}
      columns={[
        { title: w.provider },
        ...[w.accounts, w.answered, w.failed].map((title) => ({ title, number: true })),
        { title: w.lastUse },
      ]}
      rows={providers.map(({ name, accounts, answered, failed, lastUse }) => ({
        key: name,
        cells: () => [
          <State key={name} tone={toneOf(answered, failed)}>
            {name}
          </State>,
          ...[accounts, answered, failed].map(count),
          lastUse === undefined ? '–' : fromNow(lastUse, now.value),
        ],
      }))}
    />
  );
}

function toneOf(answered: number, failed: number): Tone {
  if (answered + failed === 0) return 'off';
  return answered === 0 ? 'bad' : failed > answered ? 'warn' : 'good';
}
