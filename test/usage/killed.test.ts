/**
 * A gateway that is killed at any moment: its history lacks the last second at most, and its file is sound. `KILLS` says how
 * often (ten times where nobody says).
 */
import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRequestId } from '../../src/usage/columns.ts';
import { usageFile } from '../../src/usage/usage-database.ts';
import { emptyDirectory, serving } from '../cli/program.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';

const kills = Number(process.env.KILLS ?? 10);
const clientKey = 'sk-client-of-the-test';
/** Ms between a request's end and its place on disk, and what a busy machine may add to that. */
const [promised, allowed] = [1000, 500];

/** Asks without a pause until nobody answers; gives the ids of answers that came whole, and when. */
async function load(url: string): Promise<{ id: string; at: number }[]> {
  const answered: { id: string; at: number }[] = [];
  for (;;)
    try {
      const answer = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }),
      });
      await answer.arrayBuffer();
      answered.push({ id: answer.headers.get('x-request-id') ?? '', at: performance.now() });
    } catch {
      return answered;
    }
}

test(
  `killed ${kills} times under load, the history lacks the last second at most`,
  async () => {
    using folder = emptyDirectory();
    using upstream = startUpstream(() => chatAnswer('fine'));
    const authDir = join(folder.path, 'accounts');
    writeFileSync(
      join(folder.path, 'config.yaml'),
      JSON.stringify({
        port: 0,
        'auth-dir': authDir,
        'api-keys': [clientKey],
        'openai-compatibility': [
          {
            ...{ name: 'local', 'base-url': `${upstream.url}/v1`, models: [{ name: 'm' }] },
            'api-key-entries': [{ 'api-key': 'upstream-key' }],
          },
        ],
      }),
    );
    let before = 0;
    for (let kill = 0; kill < kills; kill++) {
      const delay = Math.random() * 2500;
      await using gateway = await serving(['serve'], { cwd: folder.path });
      const workers = Array.from({ length: 4 }, () => load(gateway.url));
      await Bun.sleep(delay);
      const killed = performance.now();
      gateway.kill('SIGKILL');
      await gateway.exited;
      const answered = (await Promise.all(workers)).flat();

      using history = new Database(usageFile(authDir));
      const one = <Row>(sql: string, ...values: number[]) => history.query<Row, number[]>(sql).get(...values);
      const how = `kill ${kill + 1} of ${kills}, ${Math.round(delay)} ms after the start`;
      expect([how, one('PRAGMA quick_check')]).toEqual([how, { quick_check: 'ok' }]);
      const kept = new Set(
        history
          .query<{ id: number; rnd: number }, []>('SELECT id, rnd FROM requests')
          .all()
          .map(({ rnd }) => rnd),
      );
      const lost = answered.filter(({ id }) => !kept.has(readRequestId(id)?.rnd ?? -1));
      const oldest = Math.max(0, ...lost.map(({ at }) => killed - at));
      expect([how, oldest > promised + allowed ? oldest : 'in time']).toEqual([how, 'in time']);
      // Sums stand in the same transaction as what they sum up, and what was kept before is kept still.
      for (const step of ['hour', 'day'])
        expect([how, one(`SELECT sum(n) AS n FROM usage_${step}`)]).toEqual([how, { n: kept.size || null }]);
      expect([how, kept.size >= before]).toEqual([how, true]);
      before = kept.size;
    }
    expect(before).toBeGreaterThan(0);
  },
  20_000 + kills * 10_000,
);
