/** Metrics of the process, read at each scrape: nothing runs in between. */
import type { Clock } from '../../ground/clock.ts';
import { mostFiles, openFiles } from '../open-files.ts';
import { metricTable } from './metric-table.ts';
import type { Registry } from './registry.ts';

export interface ProcessMetrics {
  /** Measures the event loop: to be waited for before the metrics are read. */
  measured(): Promise<void>;
}

export function processMetrics(
  registry: Registry,
  version: string,
  clock: Pick<Clock, 'now' | 'monotonic'>,
): ProcessMetrics {
  const startedAt = clock.now() / 1000 - process.uptime();
  let lag = 0;
  registry.collected(metricTable.buildInfo, () => [
    { labels: [version, `bun ${process.versions.bun ?? ''}`.trim()], value: 1 },
  ]);
  registry.collected(metricTable.eventLoopLag, () => [{ labels: [], value: lag }]);
  registry.collected(metricTable.cpu, () => {
    const { user, system } = process.cpuUsage();
    return [{ labels: [], value: (user + system) / 1e6 }];
  });
  registry.collected(metricTable.resident, () => [{ labels: [], value: process.memoryUsage.rss() }]);
  registry.collected(metricTable.startTime, () => [{ labels: [], value: startedAt }]);
  registry.collected(metricTable.openFiles, () => alone(openFiles()));
  registry.collected(metricTable.mostFiles, () => alone(mostFiles()));
  return {
    measured() {
      const from = clock.monotonic();
      return new Promise((resolve) => {
        setImmediate(() => {
          lag = Math.max(0, clock.monotonic() - from) / 1000;
          resolve();
        });
      });
    },
  };
}

function alone(value: number | undefined): { labels: string[]; value: number }[] {
  return value === undefined ? [] : [{ labels: [], value }];
}
