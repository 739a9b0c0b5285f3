/** Who used how much, of what, and what it cost. */
import type { UsageRow } from '../../src/usage/usage-row.ts';
import { query, setQuery } from '../address.ts';
import { managed } from '../api.ts';
import { SeriesChart } from '../components/series-chart.tsx';
import { UsageTable } from '../components/usage-table.tsx';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';

const spans = ['today', '7d', '30d', '90d'] as const;
const groups = ['key', 'model', 'credential', 'provider', 'session'] as const;
type Group = (typeof groups)[number];
const measures = ['requests', 'tokens', 'cost'] as const;

interface Sums {
  rows: UsageRow[];
  total: UsageRow;
}

export function Usage() {
  const w = words.value.usage;
  const since = spans.find((span) => span === query.value.get('since')) ?? '7d';
  const by = groups.find((group) => group === query.value.get('by')) ?? 'key';
  const measure = measures.find((one) => one === query.value.get('show')) ?? 'tokens';
  const step = since === 'today' || since === '7d' ? 'hour' : 'day';
  const sums = useLoaded<Sums>(managed(`usage/summary?since=${since}&by=${by}`));
  const series = useLoaded<Sums>(managed(`usage/series?since=${since}&step=${step}`));
  const points = (series.answer?.rows ?? []).flatMap((row) =>
    row.at === undefined ? [] : [{ at: row.at, value: amountOf(row, measure) }],
  );
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.usage}</h1>
        <select
          aria-label={w.since}
          value={since}
          onChange={(event) => setQuery({ since: event.currentTarget.value })}
        >
          {spans.map((span) => (
            <option key={span} value={span}>
              {w.spans[span]}
            </option>
          ))}
        </select>
        <select
          aria-label={w.by}
          value={by}
          onChange={(event) => setQuery({ by: event.currentTarget.value })}
        >
          {groups.map((group) => (
            <option key={group} value={group}>
              {w.groups[group]}
            </option>
          ))}
        </select>
        <select
          aria-label={w.show}
          value={measure}
          onChange={(event) => setQuery({ show: event.currentTarget.value })}
        >
          {measures.map((one) => (
            <option key={one} value={one}>
              {w.measures[one]}
            </option>
          ))}
        </select>
      </div>
      {sums.problem !== '' && <p class="problem">{sums.problem}</p>}
      {points.length > 0 && <SeriesChart points={points} label={w.measures[measure]} />}
      {sums.answer === undefined ? (
        <p class="loading">{words.value.loading}</p>
      ) : sums.answer.total.requests === 0 ? (
        <p class="empty">{w.empty}</p>
      ) : (
        <UsageTable
          rows={sums.answer.rows}
          total={sums.answer.total}
          label={w.groups[by]}
          nameOf={(row) => nameOf(row, by)}
        />
      )}
    </>
  );
}

function nameOf(row: UsageRow, by: Group): string {
  const value = row[by];
  return (typeof value === 'string' ? value : value?.name) ?? '–';
}

function amountOf(row: UsageRow, measure: (typeof measures)[number]): number {
  switch (measure) {
    case 'requests':
      return row.requests;
    case 'tokens':
      return row.tokens.input + row.tokens.output;
    case 'cost':
      return Number(row.cost.paid) + Number(row.cost.worth);
  }
}
