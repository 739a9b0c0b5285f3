import type { AccountRow } from '../../src/console/wire.ts';
import { now } from '../clock.ts';
import { count, fromNow } from '../format.ts';
import { words } from '../language.ts';
import { State } from './state.tsx';

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
    <section class="table" tabIndex={0} aria-label={w.providers}>
      <table>
        <thead>
          <tr>
            <th scope="col">{w.provider}</th>
            {[w.accounts, w.answered, w.failed].map((title) => (
              <th key={title} scope="col" class="number">
                {title}
              </th>
            ))}
            <th scope="col">{w.lastUse}</th>
          </tr>
        </thead>
        <tbody>
          {providers.map(({ name, accounts, answered, failed, lastUse }) => (
            <tr key={name}>
              <th scope="row">
                <State
                  tone={
                    answered + failed === 0
                      ? 'off'
                      : answered === 0
                        ? 'bad'
                        : failed > answered
                          ? 'warn'
                          : 'good'
                  }
                >
                  {name}
                </State>
              </th>
              <td class="number">{count(accounts)}</td>
              <td class="number">{count(answered)}</td>
              <td class="number">{count(failed)}</td>
              <td>{lastUse === undefined ? '–' : fromNow(lastUse, now.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
