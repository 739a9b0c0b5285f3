import { expect, test } from 'bun:test';
import { createRegistry, type Family, type Metric } from './registry.ts';

const requests: Metric = { name: 'a_total', type: 'counter', help: 'A.', labels: ['provider', 'model'] };
const seconds: Metric = { name: 'b', type: 'histogram', help: 'B.', labels: ['model'], buckets: [1, 2] };

function linesOf(families: readonly Family[]): number {
  return families.reduce(
    (sum, one) =>
      sum +
      (one.kind === 'samples'
        ? one.samples.length
        : one.series.length * ((one.metric.buckets?.length ?? 0) + 3)),
    0,
  );
}

test('a series is the same however often it is asked for', () => {
  const counter = createRegistry().counter(requests);
  counter.add(2, 'p', 'm');
  counter.series('p', 'm').value += 3;
  expect(counter.series('p', 'm').value).toBe(5);
});

test('an observation is in the first bucket whose bound it does not pass', () => {
  const histogram = createRegistry().histogram(seconds);
  const series = histogram.series('m');
  for (const value of [0.5, 1, 1.5, 2, 9]) histogram.observe(series, value);
  expect([...series.counts]).toEqual([2, 2, 1]);
  expect(series.sum).toBe(14);
});

test('the newest observation of a trace is the exemplar of its bucket', () => {
  const histogram = createRegistry().histogram(seconds);
  const series = histogram.series('m');
  histogram.observe(series, 0.5, 'a'.repeat(32), 7);
  histogram.observe(series, 0.6, 'b'.repeat(32), 8);
  histogram.observe(series, 0.7);
  expect(series.exemplars).toEqual([{ traceId: 'b'.repeat(32), value: 0.6, at: 8 }]);
});

test('10,000 names make no more lines than the cap, and nothing is lost', () => {
  const registry = createRegistry();
  const counter = registry.counter(requests);
  const histogram = registry.histogram(seconds);
  registry.collected({ ...requests, name: 'c', type: 'gauge' }, () =>
    Array.from({ length: 10_000 }, (_, at) => ({ labels: ['p', `${at}`], value: 1 })),
  );
  for (let at = 0; at < 10_000; at++) {
    counter.add(1, `p${at % 7}`, `model-${at}`);
    histogram.observe(histogram.series(`model-${at}`), 1);
  }
  const families = registry.families();
  expect(linesOf(families)).toBeLessThanOrEqual(10_000);
  expect(registry.dropped).toBeGreaterThan(10_000);
  const [counted, timed] = families;
  const total =
    counted?.kind === 'samples' ? counted.samples.reduce((sum, { value }) => sum + value, 0) : undefined;
  expect(total).toBe(10_000);
  const observed =
    timed?.kind === 'histogram'
      ? timed.series.reduce((sum, { counts }) => sum + counts.reduce((one, two) => one + two, 0), 0)
      : undefined;
  expect(observed).toBe(10_000);
});

test('beyond nine tenths of the cap the open labels are other, and providers still are told apart', () => {
  const registry = createRegistry(100, 0);
  const counter = registry.counter(requests);
  for (let at = 0; at < 200; at++) counter.add(1, 'p', `m${at}`);
  counter.add(1, 'q', 'm-new');
  const [family] = registry.families();
  const labels = family?.kind === 'samples' ? family.samples.map((one) => one.labels.join(' ')) : [];
  expect(labels.slice(-2)).toEqual(['p other', 'q other']);
});

test('the values of closed labels are bounded too', () => {
  const registry = createRegistry(100, 0);
  const counter = registry.counter(requests);
  for (let at = 0; at < 1000; at++) counter.add(1, `p${at}`, 'm');
  expect(linesOf(registry.families())).toBeLessThanOrEqual(101);
  expect(counter.series('other', 'other').value).toBeGreaterThan(800);
});

test('a label has at most 128 characters', () => {
  const counter = createRegistry().counter(requests);
  counter.add(1, 'p', 'm'.repeat(1000));
  expect(counter.series('p', 'm'.repeat(1000)).labels[1]).toHaveLength(128);
});
