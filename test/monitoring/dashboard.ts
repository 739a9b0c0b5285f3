/** The queries of the Grafana dashboard that is shipped. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Dashboard {
  panels: { targets?: { expr: string }[] }[];
}

const file = join(import.meta.dir, '../../deploy/grafana/cli-proxy-api.json');

/** Each with Grafana's variables as they are. */
export function dashboardQueries(): string[] {
  const { panels }: Dashboard = JSON.parse(readFileSync(file, 'utf8'));
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

/** The same with values in the place of Grafana's variables, so that Prometheus takes them. */
export function filledQueries(): string[] {
  return dashboardQueries().map((query) =>
    query.replace(/\$__(?:rate_interval|range)/g, '1m').replace(/\$[a-z]+/g, '.*'),
  );
}
