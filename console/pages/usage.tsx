/** Who used how much, of what, and what it cost. */
import type { UsageRow } from '../../src/usage/usage-row.ts';
import { query, setQuery } from '../address.ts';
import { managed } from '../api.ts';
import { attempt } from '../components/notice.ts';
import { SeriesChart } from '../components/series-chart.tsx';
import { UsageTable } from '../components/usage-table.tsx';
import { paid, unpriced } from '../cost.ts';
import { download } from '../download.ts';
import { count, dollars, milliseconds, percent } from '../format.ts';
import { words } from '../language.ts';
import { useLoaded } from '../loaded.ts';

/** Milliseconds between looks. */
const every = 60_000;
const hour = 3600_000;
const spans = ['today', '7d', '30d', '90d'] as const;
const groups = ['key', 'model', 'credential', 'provider', 'session'] as const;
type Group = (typeof groups)[number];
const measures = ['requests', 'tokens', 'cost', 'latency'] as const;

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
  const then = groups.find((group) => group === query.value.get('and') && group !== by);
  const sums = useLoaded<Sums>(
    managed(`usage/summary?since=${since}&by=${then === undefined ? by : `${by},${then}`}`),
    every,
  );
  const [from, to] = before(since);
  const earlier = useLoaded<Sums>(managed(`usage/summary?since=${from}&until=${to}`));
  const series = useLoaded<Sums>(managed(`usage/series?since=${since}&step=${step}`), every);
  const points = (series.answer?.rows ?? []).flatMap((row) =>
    row.at === undefined ? [] : [{ at: row.at, value: amountOf(row, measure) }],
  );
  const stepTime = step === 'hour' ? hour : 24 * hour;
  const begin = beginOf(since);
  return (
    <>
      <div class="tools">
        <h1>{words.value.pages.usage}</h1>
        <Choice label={w.since} part="since" value={since} among={spans} named={w.spans} />
        <Choice label={w.by} part="by" value={by} among={groups} named={w.groups} />
        <Choice
          label={w.andBy}
          part="and"
          value={then ?? ''}
          none={w.nothingMore}
          among={groups.filter((group) => group !== by)}
          named={w.groups}
        />
        <Choice label={w.show} part="show" value={measure} among={measures} named={w.measures} />
        {(['csv', 'jsonl'] as const).map((format) => (
          <button
            key={format}
            type="button"
            onClick={() =>
              void attempt(() =>
                download(managed(`usage/export?format=${format}&since=${since}`), `usage.${format}`),
              )
            }
          >
            {format.toUpperCase()}
          </button>
        ))}
      </div>
      {sums.answer !== undefined && earlier.answer !== undefined && (
        <p>
          <strong>{w.measures[measure]}</strong>{' '}
          {w.compared(
            sumText(sums.answer.total, measure),
            sumText(earlier.answer.total, measure),
            changeOf(amountOf(sums.answer.total, measure), amountOf(earlier.answer.total, measure)),
          )}
          {measure === 'cost' && unpriced(sums.answer.total) !== null && `, ${unpriced(sums.answer.total)}`}
        </p>
      )}
      {sums.problem !== '' && <p class="problem">{sums.problem}</p>}
      {points.length > 0 && (
        <SeriesChart
          points={points}
          step={stepTime}
          from={begin}
          to={Math.max(begin + stepTime, Date.now())}
          label={w.measures[measure]}
          amount={(value) => amountText(value, measure)}
        />
      )}
      {sums.answer === undefined ? (
        <p class="loading">{words.value.loading}</p>
      ) : sums.answer.total.requests === 0 ? (
        <p class="empty">{w.empty}</p>
      ) : (
        <UsageTable
          rows={sums.answer.rows}
          total={sums.answer.total}
          label={w.groups[by]}
          nameOf={(row) =>
            then === undefined ? nameOf(row, by) : `${nameOf(row, by)} · ${nameOf(row, then)}`
          }
        />
      )}
    </>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  /** Of the address, which has what is chosen. */
  part: string;
  value: string;
  among: readonly Value[];
  named: Readonly<Record<Value, string>>;
  /** Where there need not be one: what that is called. */
  none?: string;
}

function Choice<Value extends string>({ label, part, value, among, named, none }: ChoiceProps<Value>) {
  const { choice } = words.value.usage;
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => setQuery({ [part]: event.currentTarget.value })}
    >
      {none !== undefined && <option value="">{choice(label, none)}</option>}
      {among.map((one) => (
        <option key={one} value={one}>
          {choice(label, named[one])}
        </option>
      ))}
    </select>
  );
}

/** When a span begins, in ms since the epoch. */
function beginOf(since: (typeof spans)[number]): number {
  const midnight = new Date().setHours(0, 0, 0, 0);
  return since === 'today' ? midnight : Date.now() - Number.parseInt(since, 10) * 24 * hour;
}

/** The same span before it: today until now, and yesterday until the same time. ISO 8601. */
function before(since: (typeof spans)[number]): [from: string, to: string] {
  const day = 24 * hour;
  // To the minute: with every second it would be another question.
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const length = since === 'today' ? day : Number.parseInt(since, 10) * day;
  const [from, to] = since === 'today' ? [midnight - day, now - day] : [now - 2 * length, now - length];
  return [new Date(from).toISOString(), new Date(to).toISOString()];
}

function changeOf(value: number, earlier: number): string {
  if (earlier === 0) return '';
  const share = value / earlier - 1;
  return `${share >= 0 ? '+' : '−'}${percent(Math.abs(share))}`;
}

function amountText(amount: number, measure: (typeof measures)[number]): string {
  switch (measure) {
    case 'requests':
    case 'tokens':
      return count(amount);
    case 'cost':
      return dollars(String(amount));
    case 'latency':
      return milliseconds(amount);
  }
}

/** Nothing known of what it cost is not nothing. */
function sumText(row: UsageRow, measure: (typeof measures)[number]): string {
  const amount = amountOf(row, measure);
  return measure === 'cost' && amount === 0 ? paid(row) : amountText(amount, measure);
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
    case 'latency':
      return row.ttftP50 ?? 0;
  }
}
