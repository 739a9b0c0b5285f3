/** A real Prometheus scrapes the gateway, takes its exemplars, and answers every query of the dashboard. */
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/start.ts';
import { asArray, asObject, type Json, parseJson } from '../../src/protocols/json.ts';
import { eventually } from '../eventually.ts';
import { calls, send } from '../gateway/calls.ts';
import { everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { filledQueries } from './dashboard.ts';
import { prometheusTool } from './prometheus-tools.ts';

test('a Prometheus scrapes the gateway and answers the queries of the dashboard', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const sandbox = startSandbox({ pace: 0 });
  await using gateway = await startTested({
    ...everyUpstream(sandbox.url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }]),
    metrics: { token: 'token-of-the-scrape' },
  });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      {
        job_name: 'cpa',
        authorization: { credentials: 'token-of-the-scrape' },
        static_configs: [{ targets: [gateway.url.replace('http://', '')] }],
      },
    ],
  };
  // JSON is YAML too.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const prometheus = Bun.spawn(
    [
      prometheusTool('prometheus'),
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=error',
    ],
    { stdout: 'ignore', stderr: 'ignore' },
  );
  const asked = async (query: string): Promise<{ status: Json | undefined; results: number }> => {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
    const body = asObject(parseJson(await answer.text()));
    return { status: body?.status, results: asArray(asObject(body?.data)?.result).length };
  };
  try {
    for (const call of calls)
      for (const stream of [true, false])
        await (
          await send(gateway.url, call, { model: modelOver[call.protocol], text: 'say 20 words', stream })
        ).text();
    await eventually(async () => {
      const ready = await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      return ready && (await asked('count_over_time(up{job="cpa"}[1m]) > 2')).results > 0;
    });

    expect(await asked('sum(cpa_requests_total) == 8')).toEqual({ status: 'success', results: 1 });
    expect(await asked('up{job="cpa"} == 1')).toEqual({ status: 'success', results: 1 });
    const answers = await Promise.all(
      filledQueries().map(async (query) => ({ query, ...(await asked(query)) })),
    );
    expect(answers.filter(({ status }) => status !== 'success')).toEqual([]);
    expect(answers.filter(({ results }) => results > 0).length).toBeGreaterThan(20);
  } finally {
    prometheus.kill();
    await prometheus.exited;
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

async function freePort(): Promise<number> {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}
