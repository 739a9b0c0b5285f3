/** A real Prometheus scrapes the gateway, takes its exemplars, and answers every query of the dashboard. */
import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSandbox } from '../../sandbox/start.ts';
import { type Json, type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asArray, asObject } from '../../src/protocols/json-members.ts';
import { protocols } from '../../src/protocols/model.ts';
import { eventually } from '../eventually.ts';
import { freePort } from '../free-port.ts';
import { calls, post, send } from '../gateway/calls.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { clientKey, everyUpstream, modelOver, startTested } from '../gateway-harness.ts';
import { filledQueries } from './dashboard.ts';
import { prometheusTool } from './prometheus-tools.ts';

const limitedKey = 'key-with-a-limit';

test('a Prometheus scrapes the gateway and answers the queries of the dashboard', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const sandbox = startSandbox({ pace: 0 });
  const models = ['sandbox', 'sandbox-fault-slow-5', 'sandbox-fault-401', 'sandbox-fault-cut-3'];
  using counted = startUpstream(() => {
    const answer = chatAnswer('fine');
    answer.headers.set('x-ratelimit-limit-requests', '100');
    answer.headers.set('x-ratelimit-remaining-requests', '40');
    answer.headers.set('x-ratelimit-reset-requests', '6m0s');
    return answer;
  });
  const upstreams: JsonObject = everyUpstream(sandbox.url, (protocol) =>
    models.map((name) => ({
      name,
      alias: name === 'sandbox' ? modelOver[protocol] : `${name}-over-${protocol}`,
    })),
  );
  await using gateway = await startTested({
    ...upstreams,
    'openai-compatibility': [
      ...asArray(upstreams['openai-compatibility']),
      {
        ...{
          name: 'counted',
          'base-url': `${counted.url}/v1`,
          'api-key-entries': [{ 'api-key': 'upstream-key' }],
        },
        models: [{ name: 'counted' }],
      },
    ],
    'api-keys': [
      { key: clientKey, name: 'ada' },
      { key: limitedKey, name: 'bob', 'requests-per-minute': 1 },
    ],
    prices: { sandbox: { input: 3, output: 15 } },
    metrics: { token: 'token-of-the-scrape' },
  });
  const port = freePort();
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
    // What went well is half of what the panels show: faults, limits, losses and cooldowns are the rest.
    const [chat] = calls;
    if (chat === undefined) throw new Error('unreachable');
    const biased = {
      ...chat.body(modelOver['anthropic-messages'], 'Hello', false),
      logit_bias: { 50256: -100 },
    };
    const lossy = await post(`${gateway.url}${chat.path('', false)}`, biased);
    expect(lossy.headers.get('x-translation-loss')).toContain('logit_bias');
    for (let request = 0; request < 2; request++)
      await send(gateway.url, chat, {
        model: modelOver['openai-chat'],
        headers: { authorization: `Bearer ${limitedKey}` },
      }).then((response) => response.text());
    await (await send(gateway.url, chat, { model: 'counted' })).text();
    for (const protocol of protocols)
      for (const fault of models.slice(1))
        await send(gateway.url, chat, { model: `${fault}-over-${protocol}`, stream: true })
          .then((response) => response.text())
          .catch(() => '');
    await eventually(async () => {
      const ready = await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      return ready && (await asked('count_over_time(up{job="cpa"}[1m]) > 2')).results > 0;
    });

    expect(await asked('sum(cpa_requests_total{code="2xx"}) >= 10')).toEqual({
      status: 'success',
      results: 1,
    });
    expect(await asked('up{job="cpa"} == 1')).toEqual({ status: 'success', results: 1 });
    // Every panel has shown something but those of signed-in accounts, which there are none of; a rate needs two scrapes.
    let silent = filledQueries().filter((query) => !/cpa_token_(refreshes|expiry)/.test(query));
    for (let look = 0; look < 40 && silent.length > 0; look++) {
      const answers = await Promise.all(silent.map(async (query) => ({ query, ...(await asked(query)) })));
      expect(answers.filter(({ status }) => status !== 'success')).toEqual([]);
      silent = answers.filter(({ results }) => results === 0).map(({ query }) => query);
      if (silent.length > 0) await Bun.sleep(250);
    }
    expect(silent).toEqual([]);
  } finally {
    prometheus.kill();
    await prometheus.exited;
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
