/** What is shipped for monitoring fits what the gateway exports: `deploy/`, judged by Prometheus' own tool. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { metricTable } from '../../src/telemetry/metrics/metric-table.ts';
import { dashboardQueries } from './dashboard.ts';
import { promtool } from './prometheus-tools.ts';

const project = join(import.meta.dir, '../..');
const rules = join(project, 'deploy/prometheus/rules.yml');
const alerts = join(project, 'deploy/prometheus/alerts.yml');
const cases = join(import.meta.dir, 'alerts.test.yml');
const text = (file: string): string => readFileSync(file, 'utf8');

interface RuleFile {
  groups: { rules: { alert?: string; record?: string; expr: string }[] }[];
}
interface CaseFile {
  tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[];
}
const rulesIn = (file: string): RuleFile['groups'][number]['rules'] => {
  const { groups }: RuleFile = parse(text(file));
  return groups.flatMap((group) => group.rules);
};

/** Names that a query asks for which start as metrics do; those of recording rules have colons. */
function metricsIn(expression: string): string[] {
  return expression.match(/\b(?:cpa|process|gen_ai)_[a-z_]+\b/g) ?? [];
}

const exported = new Set(
  Object.values(metricTable).flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

test('each query of the dashboard, the rules and the alerts names exported metrics only', () => {
  const queries = [
    ...dashboardQueries(),
    ...[...rulesIn(rules), ...rulesIn(alerts)].map(({ expr }) => expr.replace(/cpa:[\w:]+/g, '')),
  ];
  expect(queries.length).toBeGreaterThan(50);
  expect(queries.flatMap(metricsIn).filter((name) => !exported.has(name))).toEqual([]);
});

test('each exported metric is explained in docs/monitoring.md', () => {
  const page = text(join(project, 'docs/monitoring.md'));
  const missing = Object.values(metricTable).filter(
    ({ name }) => !page.includes(name) && !name.startsWith('process_'),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test('promtool finds nothing wrong with rules and alerts', () => {
  expect(promtool(['check', 'rules', rules, alerts])).toMatchObject({ ok: true });
});

test('each alert fires when it must and is quiet when it must', () => {
  expect(promtool(['test', 'rules', cases])).toMatchObject({ ok: true });
  const { tests }: CaseFile = parse(text(cases));
  const looked = tests.flatMap((one) => one.alert_rule_test);
  const named = (fires: boolean): string[] =>
    [
      ...new Set(
        looked
          .filter(({ exp_alerts = [] }) => exp_alerts.length > 0 === fires)
          .map(({ alertname }) => alertname),
      ),
    ].sort();
  const all = rulesIn(alerts)
    .flatMap(({ alert }) => alert ?? [])
    .sort();
  expect(named(true)).toEqual(all);
  expect(named(false)).toEqual(all);
});

test('each alert stands in docs/monitoring.md', () => {
  const page = text(join(project, 'docs/monitoring.md'));
  const names = rulesIn(alerts).flatMap(({ alert }) => alert ?? []);
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
