/** What it costs to choose a credential, by how many there are: in this process, without any request. */
import { defaultRules } from '../src/credentials/cooldown-table.ts';
import { createPool, type Lease } from '../src/credentials/pool.ts';
import { type StrategyName, strategyNames } from '../src/credentials/strategy.ts';
import { testCredential, testRoute } from '../test/simulation/accounts.ts';
import { median } from './process.ts';

const selectionSizes = [10, 1000, 100_000] as const;

/** Nanoseconds from the choice to the end of a lease. */
export interface SelectionCost {
  strategy: StrategyName;
  /** The share of the credentials that are cooling down. */
  coolingDown: number;
  /** In the order of {@link selectionSizes}. */
  nanoseconds: number[];
}

const anybody = { passOver: () => false };

/** A pool that has been in use: everybody has served once, and a share of them is cooling down for an hour. */
function usedPool(strategy: StrategyName, size: number, coolingDown: number) {
  const credentials = Array.from({ length: size }, (_, index) =>
    testCredential(`c${index}`, { weight: 1 + (index % 5) }),
  );
  const pool = createPool({ random: () => 0.5 });
  pool.configure(credentials, { strategy, rulesOf: () => defaultRules, quotaOfAccount: false });
  const route = testRoute(credentials);
  const fail = (lease: Lease): void => {
    const failure = { kind: 'quota', model: 'm', retryAfter: 1200, reason: 'spent' } as const;
    pool.fail(lease, failure, 0);
  };
  for (let failed = 0; failed < Math.floor(size * coolingDown); failed++) {
    const choice = pool.choose(route, anybody, 0);
    if (choice.kind === 'chosen') fail(choice.lease);
  }
  return (requests: number): void => {
    for (let request = 1; request <= requests; request++) {
      const choice = pool.choose(route, anybody, request / 1000);
      if (choice.kind === 'none') throw new Error('nobody may serve');
      pool.succeed(choice.lease, request / 1000);
      pool.end(choice.lease, request / 1000);
    }
  };
}

function cost(strategy: StrategyName, size: number, coolingDown: number, rounds: number): number {
  const run = usedPool(strategy, size, coolingDown);
  const requests = 100_000;
  run(requests);
  const times = Array.from({ length: rounds }, () => {
    const start = Bun.nanoseconds();
    run(requests);
    return (Bun.nanoseconds() - start) / requests;
  });
  return median(times);
}

/** Measures every strategy with all credentials ready and with a third of them cooling down. */
export function selectionCosts(rounds: number): SelectionCost[] {
  return strategyNames.flatMap((strategy) =>
    [0, 1 / 3].map((coolingDown) => ({
      strategy,
      coolingDown,
      nanoseconds: selectionSizes.map((size) => cost(strategy, size, coolingDown, rounds)),
    })),
  );
}

/** The costs as Markdown. */
export function selectionTable(costs: readonly SelectionCost[]): string {
  const rows = costs.map(({ strategy, coolingDown, nanoseconds }) =>
    [
      strategy,
      coolingDown === 0 ? 'none' : 'a third',
      ...nanoseconds.map((value) => String(Math.round(value))),
    ].join(' | '),
  );
  return [
    'Choosing a credential and taking in how it went, in nanoseconds, by the number of credentials:',
    '',
    `| Strategy | cooling down | ${selectionSizes.map((size) => size.toLocaleString('en-US')).join(' | ')} |`,
    `| --- | --- | ${selectionSizes.map(() => '---:').join(' | ')} |`,
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

if (import.meta.main) console.log(selectionTable(selectionCosts(5)));
