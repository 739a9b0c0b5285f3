/**
 * The connection to Postgres: every statement ends within its limit of time, a server that is gone or answers nothing is known as
 * down, and it is up again without a restart. Measured with Bun 1.4.5: a stopped server never answers, `cancel()` included, and
 * only a pool that is closed lets go of the statements that wait for it.
 */
import { SQL } from 'bun';
import type { z } from 'zod';
import type { Clock } from '../../ground/clock.ts';
import { engineState } from '../engine-state.ts';
import type { Engine, OnOperation } from '../ports.ts';
import { isServerDown, PostgresFailure, postgresFailure } from './failure.ts';
import { createListener, type Listener } from './listener.ts';

/** A value of a statement; what is not among these travels as JSON text. */
export type SqlValue = string | number | boolean | null | Uint8Array | Date;

/** What statements can be sent to: the connection, or a transaction of it. They throw {@link PostgresFailure}. */
export interface Statements {
  /** The rows, each parsed. */
  rows<Row>(row: z.ZodType<Row>, text: string, values?: readonly SqlValue[]): Promise<Row[]>;
  /** How many rows were changed. */
  run(text: string, values?: readonly SqlValue[]): Promise<number>;
}

export interface Postgres extends Statements, Engine {
  /** All or nothing. Its limit is that of the whole; what `steps` throws is thrown on after the rollback. */
  transaction<T>(steps: (inside: Statements) => Promise<T>, limit?: number): Promise<T>;
  /** Each payload of the channel until the result is called. `onGap`: some may have been missed; also called once it listens. */
  listen(channel: string, onPayload: (payload: string) => void, onGap: () => void): () => void;
  /** Ends every statement. */
  close(): Promise<void>;
}

export interface PostgresOptions {
  url: string;
  clock: Clock;
  /** Milliseconds that a statement may take. */
  limit?: number;
  /** Milliseconds that a connection may take to come about. */
  connectLimit?: number;
  /** Milliseconds between two looks at a server that is down, and five times that at one that is up. */
  probeEvery?: number;
  /** A statement or a transaction was answered, or has failed. */
  onOperation?: OnOperation | undefined;
  /** Connections for statements at the same time; those that are idle for long are closed. One more listens. */
  most?: number;
  /**
   * Makes ready what statements need, over the first connection; until it has, Postgres counts as down. Resolves with why it
   * cannot be: that is tried again with the next look.
   */
  prepare?: (unprepared: Pick<Postgres, 'transaction'>) => Promise<string | undefined>;
}

/** What a statement gives: rows that are not parsed yet, and how many there were or were changed. */
type Answer = unknown[] & SQL.ResultMetadata;

/** Milliseconds that a cancelled statement has to end before its server counts as hung. */
const cancelGrace = 500;

/** Seconds that a connection may be idle: longer than between two looks, so that one stays. */
const idleSeconds = 30;

/** Opens the connection; resolves once the server has answered or could not be reached, whichever comes first. */
export async function openPostgres(options: PostgresOptions): Promise<Postgres> {
  const { url, clock, limit = 5000, connectLimit = 2000, probeEvery = 1000, most = 5 } = options;
  const { onOperation } = options;
  const engine = engineState(clock.now, 'not contacted yet');
  let closed = false;
  let pool = newPool(most, idleSeconds);
  const listener: Listener = createListener({
    connect: () => newPool(1, 0),
    async announce(channel, payload) {
      await send('SELECT pg_notify($1, $2)', [channel, payload], limit);
    },
    onProblem() {
      if (engine.state.kind === 'up') up();
    },
    clock,
  });

  function newPool(max: number, idleTimeout: number): SQL {
    return new SQL({
      url,
      max,
      connectionTimeout: connectLimit / 1000,
      idleTimeout,
      onclose: () => void lost(),
    });
  }

  function up(): void {
    if (closed) return;
    engine.up(listener.problem);
    listener.resume();
  }

  function down(why: string): void {
    if (closed) return;
    engine.down(why);
    listener.pause();
  }

  /** A pool whose server answers nothing is given up: its statements fail, and the next begin with new connections. */
  function giveUp(hung: SQL, why: string): void {
    down(why);
    if (pool !== hung) return;
    pool = newPool(most, idleSeconds);
    void hung.close({ timeout: 0 }).catch(() => {});
  }

  /** What the work gives, or a failure when the limit is over. */
  async function limited<T>(
    operation: string,
    used: SQL,
    most: number,
    work: Promise<T>,
    cancel: () => void,
  ): Promise<T> {
    const began = clock.monotonic();
    const { promise: over, reject } = Promise.withResolvers<never>();
    let ended = false;
    const callOff = clock.after(most, () => {
      cancel();
      reject(new PostgresFailure('away', `Postgres did not answer within ${most} ms`));
      clock.after(cancelGrace, () => {
        if (!ended) giveUp(used, `it did not answer within ${most} ms`);
      });
    });
    const settled = work.finally(() => {
      ended = true;
      callOff();
    });
    // Who gave up waiting does not look at how it ends.
    settled.catch(() => {});
    try {
      return await Promise.race([settled, over]);
    } catch (error) {
      const failure = postgresFailure(error);
      if (failure !== undefined && isServerDown(failure) && ended) down(failure.message);
      throw failure ?? error;
    } finally {
      onOperation?.(operation, clock.monotonic() - began);
    }
  }

  function refuseWhileDown(): void {
    if (closed) throw new PostgresFailure('away', 'the connection to Postgres is closed');
    const { state } = engine;
    if (state.kind === 'down') throw new PostgresFailure('away', `Postgres is away: ${state.why}`);
  }

  async function send(text: string, values: readonly SqlValue[], most: number): Promise<Answer> {
    const used = pool;
    const query = used.unsafe<unknown[]>(text, [...values]);
    return limited(firstWord(text), used, most, query, () => void query.cancel());
  }

  let prepared = options.prepare === undefined;

  async function probe(): Promise<void> {
    try {
      await send('SELECT 1', [], Math.min(limit, connectLimit));
      const refusal = prepared ? undefined : await options.prepare?.({ transaction });
      prepared = refusal === undefined;
      if (prepared) up();
      else down(refusal ?? '');
    } catch (error) {
      // A server that refuses to be asked (no such database, a wrong password) is no more use than one that is gone.
      const refused = error instanceof PostgresFailure && error.kind === 'refused';
      if (refused || (engine.state.kind === 'down' && error instanceof Error)) down(error.message);
    }
  }

  function transaction<T>(steps: (inside: Statements) => Promise<T>, most = limit): Promise<T> {
    const used = pool;
    let running: SQL.Query<unknown[]> | undefined;
    const work = used.begin(async (inside) => {
      const ask = (text: string, values: readonly SqlValue[]): Promise<Answer> => {
        running = inside.unsafe<unknown[]>(text, [...values]);
        return running;
      };
      return steps({
        rows: async (row, text, values = []) => parsed(row, await ask(text, values)),
        run: async (text, values = []) => (await ask(text, values)).count,
      });
    });
    return limited('transaction', used, most, work, () => void running?.cancel());
  }

  let looks = 0;
  let probing = false;
  async function look(): Promise<void> {
    if (probing || closed) return;
    looks += 1;
    if (engine.state.kind === 'up') listener.poll();
    if (engine.state.kind === 'up' && looks % 5 !== 0) return;
    await probeOnce();
    if (engine.state.kind === 'up') listener.check();
  }

  async function probeOnce(): Promise<void> {
    probing = true;
    await probe();
    probing = false;
  }

  /** A connection has ended: of a server that is gone that is the first sign. */
  async function lost(): Promise<void> {
    if (!probing && !closed && engine.state.kind === 'up') await probeOnce();
  }

  const stopLooking = clock.every(probeEvery, () => void look());
  await probe();

  return {
    get state() {
      return engine.state;
    },
    onState: engine.onState,
    async rows(row, text, values = []) {
      refuseWhileDown();
      return parsed(row, await send(text, values, limit));
    },
    async run(text, values = []) {
      refuseWhileDown();
      return (await send(text, values, limit)).count;
    },
    async transaction(steps, most) {
      refuseWhileDown();
      return transaction(steps, most);
    },
    listen: (channel, onPayload, onGap) => listener.listen(channel, onPayload, onGap),
    async close() {
      closed = true;
      stopLooking();
      listener.close();
      await pool.close({ timeout: 0 });
    },
  };
}

/** `select`, `insert` …: what kind of statement it is. */
function firstWord(text: string): string {
  return /[a-z]+/i.exec(text)?.[0].toLowerCase() ?? '';
}

function parsed<Row>(row: z.ZodType<Row>, rows: Answer): Row[] {
  return Array.from(rows, (one: unknown) => row.parse(one));
}
