/** What a client of the management API that asks every second costs requests: a gateway with one and the same without, in turns. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/ground/clock.ts';
import { digestsWith } from '../src/usage/digest.ts';
import { localDays, ownTimezone } from '../src/usage/local-day.ts';
import { openUsageDatabase, usageFile } from '../src/usage/usage-database.ts';
import { createUsageStore } from '../src/usage/usage-store.ts';
import { type Case, cases } from './cases.ts';
import { type Contender, folder, startGateway, variantOf } from './contenders.ts';
import { measure } from './measure.ts';
import { median } from './process.ts';
import { recordAt } from './usage-records.ts';

const managementKey = 'management-key-of-the-benchmark';
/** What panels and usage keepers ask again and again. */
const polled = ['auth-files', 'usage', 'logs'];
/** Milliseconds between two times. */
const every = 1000;
const accounts = 30;
/** Requests of the thirty days before, in the usage store. */
const kept = 100_000;
const span = 30 * 86_400_000;
/** At most so many percent more processor time a request. Source: issue 16, point 6. */
const most = 3;

/** Rounds that do not count: the engine compiles what proves hot. */
const warmUps = 3;
/** Requests of a round: it takes several seconds, so that the client asks more than once in it. */
const requests = 30_000;

export async function pollingTable(rounds: number): Promise<string> {
  const test = cases.find(({ name }) => name === 'JSON 1 KB, chat');
  if (test === undefined) throw new Error('there is no case of whole answers');
  const variant = variantOf('polling', {
    'remote-management': { 'secret-key': managementKey },
    'logging-to-file': true,
    'usage-statistics-enabled': true,
    // Nobody is there, and nobody outside is asked for the accounts.
    providers: { claude: { 'base-url': 'http://127.0.0.1:9' } },
  });
  const directory = join(folder, `accounts-${variant.name}`);
  putAccounts(directory);
  putUsage(directory);
  const gateway = await startGateway(variant);
  const alone: number[] = [];
  const beside: number[] = [];
  const asking: number[] = [];
  for (let round = -warmUps; round < rounds; round++) {
    const found = { alone: 0, beside: 0, asking: 0 };
    // There and back again: what comes later in a round is not always the same.
    for (const name of round % 2 === 0 ? (['alone', 'beside'] as const) : (['beside', 'alone'] as const)) {
      if (name === 'alone') found.alone = await costOf(test, gateway);
      else {
        const poller = startPoller(gateway);
        found.beside = await costOf(test, gateway);
        found.asking = await poller.stop();
      }
    }
    if (round < 0) continue;
    alone.push(found.alone);
    beside.push(found.beside);
    asking.push(found.asking);
  }
  await gateway.stop();
  // Of pairs of the same round: what disturbs one disturbs the other.
  const more = median(beside.map((time, round) => 100 * (time / (alone[round] ?? time) - 1)));
  return [
    '| Case | alone µs | with a poller µs | more | target | questions a round |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    `| ${test.name}, ${polled.join(', ')} each second (${rounds} rounds) | ${median(alone).toFixed(1)} | ${median(beside).toFixed(1)} | ${more.toFixed(1)} % | ≤ ${most} % ${more <= most ? '✓' : '✗'} | ${median(asking)} |`,
  ].join('\n');
}

async function costOf(test: Case, gateway: Contender): Promise<number> {
  const { cpu = 0 } = await measure(test, gateway, { requests });
  return cpu;
}

/** Asks from this process, which runs beside the load generator, until it is stopped; gives how often. */
function startPoller({ port, pid = 0 }: Contender): { stop(): Promise<number> } {
  let count = 0;
  let stopped = false;
  async function ask(): Promise<void> {
    for (const path of polled) {
      const answer = await fetch(`http://127.0.0.1:${port}/v0/management/${path}`, {
        headers: { authorization: `Bearer ${managementKey}` },
      });
      await answer.bytes();
      if (!answer.ok) throw new Error(`${path} of the gateway ${pid}: ${answer.status}`);
      count += 1;
    }
  }
  const running = (async () => {
    while (!stopped) {
      const began = performance.now();
      await ask();
      for (let left = every; left > 0 && !stopped; left = every - (performance.now() - began))
        await Bun.sleep(Math.min(left, 50));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return count;
    },
  };
}

function putAccounts(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let number = 0; number < accounts; number++)
    writeFileSync(
      join(directory, `claude-${number}.json`),
      JSON.stringify({
        type: 'claude',
        email: `user${number}@example.test`,
        // Of their own: files with the same token are one account.
        access_token: `${number}-`.padEnd(500, 'x'),
        refresh_token: `${number}-`.padEnd(100, 'y'),
        expired: '2099-01-01T00:00:00Z',
      }),
      { mode: 0o600 },
    );
}

function putUsage(directory: string): void {
  const store = createUsageStore({
    database: openUsageDatabase(usageFile(directory)).database,
    digests: digestsWith(Buffer.alloc(32)),
    days: localDays(ownTimezone()),
    clock: systemClock,
    onProblem(error) {
      throw error;
    },
  });
  const begin = Date.now() - span;
  for (let n = 0; n < kept; n++) {
    store.add(recordAt(Math.floor(begin + (n * span) / kept), n * 7919));
    if (n % 250 === 249) store.flushNow();
  }
  store.close();
}
