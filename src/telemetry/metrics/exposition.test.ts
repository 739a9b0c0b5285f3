import { expect, test } from 'bun:test';
import { exposition, formatOf } from './exposition.ts';
import { createRegistry } from './registry.ts';

function registry() {
  const made = createRegistry();
  made
    .counter({ name: 'a_total', type: 'counter', help: 'Says "a".', labels: ['model'] })
    .add(3, 'x"\\\ny\ud800');
  const seconds = made.histogram({ name: 's', type: 'histogram', help: 'S.', labels: [], buckets: [0.5, 1] });
  const series = seconds.series();
  seconds.observe(series, 0.25, '0af7651916cd43dd8448eb211c80319c', 1_500);
  seconds.observe(series, 9);
  made.collected({ name: 'g', type: 'gauge', help: 'G.', labels: [] }, () => [
    { labels: [], value: Number.POSITIVE_INFINITY },
  ]);
  return made;
}

test('the classic format: counters by their whole name, no exemplars', () => {
  expect(exposition(registry().families(), 'prometheus')).toBe(`# HELP a_total Says "a".
# TYPE a_total counter
a_total{model="x\\"\\\\\\ny\ufffd"} 3
# HELP s S.
# TYPE s histogram
s_bucket{le="0.5"} 1
s_bucket{le="1.0"} 1
s_bucket{le="+Inf"} 2
s_sum 9.25
s_count 2
# HELP g G.
# TYPE g gauge
g +Inf
`);
});

test('OpenMetrics: counters by the name of their family, exemplars, and the mark of the end', () => {
  const page = exposition(registry().families(), 'openmetrics');
  expect(page).toStartWith('# HELP a Says \\"a\\".\n# TYPE a counter\na_total{');
  expect(page).toContain(
    's_bucket{le="0.5"} 1 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 0.25 1.5\ns_bucket{le="1.0"} 1\n',
  );
  expect(page).toEndWith('\n# EOF\n');
});

test.each<[accept: string | null, format: ReturnType<typeof formatOf>]>([
  [null, 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/plain;version=0.0.4', 'prometheus'],
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'openmetrics',
  ],
  ['text/plain, application/openmetrics-text;q=0.5', 'prometheus'],
  ['application/openmetrics-text;q=0', 'prometheus'],
  ['text/html, nonsense;;;q=x', 'prometheus'],
])('Accept: %s gets %s', (accept, format) => {
  expect(formatOf(accept)).toBe(format);
});
