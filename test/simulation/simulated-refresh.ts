/**
 * Replicas that renew the tokens of one account, in virtual time: statements and their answers are lost or late, replicas are
 * killed and come back on their disks, stopped for a while, cut off, and have clocks of their own. The replicas run the real vault,
 * lease and journals; everything that happens follows from the plan.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEncryption } from '../../src/accounts/encryption.ts';
import { createRefresh } from '../../src/accounts/refresh.ts';
import { createAccountVault } from '../../src/cluster/postgres/accounts/account-vault.ts';
import type { Postgres, Statements } from '../../src/cluster/postgres/connection.ts';
import { refreshing } from '../accounts/account-folder.ts';
import { accountServer, away, type Presented, tokenFamily } from './account-server.ts';

/** What becomes of a message and of its answer: ms that each takes; undefined where it is lost. */
export interface Passage {
  there: number | undefined;
  back: number | undefined;
}

export interface RefreshStep {
  /** Ms since the step before. */
  after: number;
  replica: number;
  does: /** It finds that the token is due. */
    | { kind: 'refresh' }
    /** kill -9, and a start on the same disk so many ms later. */
    | { kind: 'kill'; back: number }
    /** SIGSTOP, and SIGCONT after so many ms. */
    | { kind: 'stop'; for: number }
    /** Nothing comes or goes for so many ms. */
    | { kind: 'cut'; for: number };
}

export interface RefreshPlan {
  /** Of each replica: how much faster its clock goes than the server's, and how many ms it is off. */
  clocks: readonly { drift: number; off: number }[];
  /** Taken in turn, again and again. */
  passages: readonly Passage[];
  /** Ms that the provider takes for its answers, in turn. */
  thinking: readonly number[];
  steps: readonly RefreshStep[];
  /** Ms that a holder is given that was held up; as in production without it. */
  uncertain?: number;
}

export interface RefreshOutcome {
  presented: readonly Presented[];
  revoked: boolean;
  /** The provider's latest, and what each replica reads after everything has become quiet and one has renewed it once more. */
  generation: number;
  read: readonly (number | undefined)[];
  /** Whether a lease or a reply is left over then. */
  leftOver: boolean;
}

export const leaseMs = 30_000;
export const uncertainMs = 60_000;
const name = 'claude_oauth_ann.json';
const statementLimit = 1500;
const requestLimit = 20_000;
const quiet = 400_000;
const good: Passage = { there: 1, back: 1 };
const start = Date.UTC(2026, 10, 30);

interface Node {
  alive: boolean;
  stoppedUntil: number;
  cutUntil: number;
  /** Calls of the refresh that wait for virtual time. */
  waiting: number;
  working: boolean;
  refresh(): void;
  read(): Promise<number | undefined>;
}

export async function simulateRefreshes(plan: RefreshPlan): Promise<RefreshOutcome> {
  const disk = mkdtempSync(join(tmpdir(), 'simulated-refresh-'));
  try {
    return await simulate(plan, disk);
  } finally {
    rmSync(disk, { recursive: true, force: true });
  }
}

async function simulate(plan: RefreshPlan, disk: string): Promise<RefreshOutcome> {
  let now = 1_000_000;
  let order = 0;
  let passage = 0;
  let asked = 0;
  let faultless = false;
  const events: { at: number; order: number; run: () => void }[] = [];
  const at = (time: number, run: () => void): (() => void) => {
    const event = { at: Math.max(now, time), order: order++, run };
    events.push(event);
    return () => {
      event.run = () => {};
    };
  };
  const tokensOf = (generation: number) => ({
    access_token: `access.${generation}`,
    refresh_token: `refresh.${generation}`,
    token_type: 'Bearer',
    expires_in: 3600,
  });
  const text = JSON.stringify({
    ...{ type: 'claude', ...tokensOf(1), email: 'ann@example.com' },
    expiry: new Date(start - 3_600_000).toISOString(),
  });
  const server = accountServer(name, text);
  const family = tokenFamily();

  function startNode(index: number): Node {
    const { drift = 0, off = 0 } = plan.clocks[index] ?? {};
    const clock = (): number => (now + 7919 * index) * (1 + drift);
    const inProcess = (run: () => void): void => {
      if (!node.alive) return;
      if (now < node.stoppedUntil) at(node.stoppedUntil, () => inProcess(run));
      else run();
    };
    let fromTimer = false;
    /** What waits for virtual time; the work of the refresh itself is told from what its timers do beside it. */
    function waits<T>(
      begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
    ): Promise<T> {
      const counts = !fromTimer;
      if (counts) node.waiting += 1;
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      let over = false;
      const end = (then: () => void): void =>
        inProcess(() => {
          if (over) return;
          over = true;
          if (counts) node.waiting -= 1;
          then();
        });
      begin(
        (value) => end(() => resolve(value)),
        (error) => end(() => reject(error)),
      );
      return promise;
    }
    /** A message there and back. `arrive` runs at the server, `received` at the replica. */
    function exchange<T>(arrive: () => T, limit: number, takes = 0): Promise<T> {
      return waits((resolve, reject) => {
        const way = faultless ? good : (plan.passages[passage++ % plan.passages.length] ?? good);
        const isCut = (): boolean => now < node.cutUntil && !faultless;
        at(now + limit, () => reject(away()));
        if (way.there === undefined || isCut()) return;
        at(now + way.there, () => {
          if (isCut()) return;
          const reply = arrive();
          if (way.back === undefined) return;
          at(now + takes + way.back, () => {
            if (isCut()) return;
            resolve(reply);
          });
        });
      });
    }
    const ask = (
      statement: string,
      values: readonly (string | number | boolean | null | Uint8Array | Date)[] = [],
    ) => exchange(() => server.execute(statement, values, now), statementLimit);
    const statements: Statements = {
      rows: async (row, statement, values) => (await ask(statement, values)).map((one) => row.parse(one)),
      run: async (statement, values) => (await ask(statement, values)).length,
    };
    const postgres: Postgres = {
      ...statements,
      state: { kind: 'up' },
      onState: () => () => {},
      transaction: (steps) => steps(statements),
      listen: () => () => {},
      close: async () => {},
    };
    const wait = (ms: number): Promise<void> => waits((resolve) => void at(now + ms, () => resolve()));
    const wall = (): number => start + off + now;
    const every = (ms: number, run: () => void): (() => void) => {
      let ended = false;
      const again = (): void =>
        void at(now + ms / (1 + drift), () =>
          inProcess(() => {
            if (ended) return;
            fromTimer = true;
            run();
            fromTimer = false;
            again();
          }),
        );
      again();
      return () => {
        ended = true;
      };
    };
    const vault = createAccountVault({
      ...{ postgres, encryption: createEncryption({ key: undefined }), directory: join(disk, String(index)) },
      ...{ instance: `replica ${index}` },
      clock: {
        ...{ now: wall, monotonic: clock, wait, every },
        after: (ms, run) => at(now + ms, () => inProcess(run)),
      },
      times: { lease: leaseMs, uncertain: plan.uncertain ?? uncertainMs },
    });
    async function provider(body: unknown): Promise<Response> {
      const generation = Number(/refresh\.(\d+)/.exec(String(body))?.[1]);
      const takes = faultless ? 0 : (plan.thinking[asked++ % plan.thinking.length] ?? 0);
      const present = () => family.present(generation, now);
      const reply = await exchange(present, requestLimit, takes).catch(() => {
        throw new Error('the connection broke');
      });
      if (reply !== undefined) reply.delivered = true;
      if (reply === undefined) return Response.json({ error: 'invalid_grant' }, { status: 400 });
      return Response.json(tokensOf(reply.generation + 1));
    }
    const refresh = createRefresh({
      ...refreshing('https://provider.test/token', wall),
      store: vault,
      depsOf: () => ({
        ...{ userAgent: 'test', now: wall, wait },
        fetch: async (_, init) => provider(init?.body),
      }),
      warn: () => {},
    });
    const node: Node = {
      ...{ alive: true, stoppedUntil: 0, cutUntil: 0, waiting: 0, working: false },
      refresh() {
        if (node.working || now < node.stoppedUntil) return;
        void work(async () => {
          const read = await vault.read(name);
          if (read.ok) await refresh(read.account);
        });
      },
      async read() {
        const found = await vault.read(name);
        const generation = found.ok ? /\d+/.exec(found.account.tokens.refreshToken ?? '')?.[0] : undefined;
        return generation === undefined ? undefined : Number(generation);
      },
    };
    /** One piece of work at a time: as long as it runs and waits for nothing, virtual time stands still. */
    async function work(run: () => Promise<unknown>): Promise<void> {
      node.working = true;
      await run().finally(() => {
        node.working = false;
      });
    }
    // As a start does, and later what still waits for Postgres.
    void work(() => vault.recover());
    every(5000, () => {
      fromTimer = false;
      if (!node.working) void work(() => vault.writePending());
    });
    return node;
  }

  const nodes = plan.clocks.map((_, index) => startNode(index));

  function step(index: number, does: RefreshStep['does']): void {
    const node = nodes[index];
    if (node === undefined || !node.alive) return;
    switch (does.kind) {
      case 'refresh':
        node.refresh();
        return;
      case 'stop':
        node.stoppedUntil = Math.max(node.stoppedUntil, now + does.for);
        return;
      case 'cut':
        node.cutUntil = Math.max(node.cutUntil, now + does.for);
        return;
      case 'kill':
        node.alive = false;
        at(now + does.back, () => {
          nodes[index] = startNode(index);
        });
    }
  }

  let last = now;
  for (const { after, replica, does } of plan.steps) {
    last += after;
    at(last, () => step(replica % plan.clocks.length, does));
  }

  /** Files are written, and promises kept, in no time: until all that work wait for something. */
  async function settled(): Promise<void> {
    const until = performance.now() + 5000;
    for (let calm = 0; calm < 2; ) {
      await new Promise((resolve) => setImmediate(resolve));
      const busy = nodes.some(({ alive, working, waiting }) => alive && working && waiting === 0);
      calm = busy ? 0 : calm + 1;
      if (performance.now() > until) throw new Error('a replica of the simulation does not come to an end');
    }
  }

  async function runUntil(end: number, isDone: () => boolean = () => false): Promise<void> {
    await settled();
    while (!isDone()) {
      const next = events.reduce<(typeof events)[number] | undefined>(
        (best, one) =>
          one.at <= end &&
          (best === undefined || one.at < best.at || (one.at === best.at && one.order < best.order))
            ? one
            : best,
        undefined,
      );
      if (next === undefined) break;
      events.splice(events.indexOf(next), 1);
      now = next.at;
      next.run();
      await settled();
    }
    if (!isDone()) now = end;
  }

  await runUntil(last);
  faultless = true;
  for (const node of nodes) Object.assign(node, { stoppedUntil: 0, cutUntil: 0 });
  await runUntil(now + quiet);
  // An answer that was lost is asked for again with the next refresh, be it of any replica.
  nodes[0]?.refresh();
  await runUntil(now + quiet);
  const reads = nodes.map((node) => node.read());
  await runUntil(now + 10_000);
  const read = await Promise.all(reads);
  return {
    presented: family.presented,
    revoked: family.revoked,
    generation: family.generation,
    read,
    leftOver: server.row.journal !== null || server.row.lease > now,
  };
}
