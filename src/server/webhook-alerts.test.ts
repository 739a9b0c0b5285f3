/** Alerts to webhooks that do not behave, over real connections: what they do is neither the gateway's trouble nor anybody else's secret. */
import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../test/eventually.ts';
import { freePort } from '../../test/free-port.ts';
import { configOf } from '../../test/gateway-harness.ts';
import { type Clock, systemClock } from '../ground/clock.ts';
import { createHttpClient } from '../http-client/client.ts';
import { createLog } from '../telemetry/log.ts';
import { webhookAlerts } from './webhook-alerts.ts';

const secret = 'canary-of-the-webhook';
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Of each way to answer: how often the webhook is asked about one alert, and what the log says. */
const cases: readonly {
  what: string;
  answer: (elsewhere: string) => Response | Promise<Response>;
  asked: number;
  says: string | undefined;
}[] = [
  { what: 'takes it', answer: () => new Response(null, { status: 204 }), asked: 1, says: undefined },
  {
    what: 'takes it and answers with a page of megabytes',
    answer: () => new Response('x'.repeat(4 * 1024 * 1024)),
    asked: 1,
    says: undefined,
  },
  {
    what: 'takes it and never ends its answer',
    answer: () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode('and so on')),
        }),
      ),
    asked: 1,
    says: undefined,
  },
  {
    what: 'sends it elsewhere',
    answer: (elsewhere) => new Response(null, { status: 307, headers: { location: elsewhere } }),
    asked: 1,
    says: 'status 307',
  },
  { what: 'refuses it', answer: () => new Response('no', { status: 403 }), asked: 1, says: 'status 403' },
  { what: 'fails', answer: () => new Response('oh', { status: 500 }), asked: 3, says: 'status 500' },
  {
    what: 'has too much to do',
    answer: () => new Response('', { status: 429 }),
    asked: 3,
    says: 'status 429',
  },
];

function setting(url: string) {
  // What has been alerted is kept there.
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-webhook-'));
  folders.push(folder);
  const lines: string[] = [];
  let look = (): void => {};
  const clock: Clock = {
    ...systemClock,
    // No time passes between two tries; what comes a minute later does not come.
    wait: async () => {},
    after: () => () => {},
    every(_ms, run) {
      look = run;
      return () => {};
    },
  };
  const config = configOf({
    'auth-dir': folder,
    alerts: { url, secret, headers: { authorization: `Bearer ${secret}` }, 'min-interval': '1s' },
  });
  const alerts = webhookAlerts({
    conditions: () => [{ kind: 'model-unserved', subject: 'm', message: 'Nothing serves m' }],
    http: createHttpClient(),
    proxies: { proxyFor: () => undefined },
    config: () => config,
    claim: undefined,
    log: createLog({ level: 'info', format: 'json', sink: { write: (line) => lines.push(line) } }),
    clock,
  });
  const file = join(folder, '.alerts.json');
  const isKnown = (): boolean => existsSync(file) && readFileSync(file, 'utf8').includes('model-unserved');
  return { alerts, config, lines, look: () => look(), isKnown };
}

test.each(cases)('15: a webhook that $what', async ({ what, answer, asked, says }) => {
  let came = 0;
  using elsewhere = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch() {
      came += 1;
      return new Response('');
    },
  });
  const bodies: string[] = [];
  using hook = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      bodies.push(await request.text());
      return answer(elsewhere.url.href);
    },
  });
  const { alerts, config, lines, look, isKnown } = setting(`${hook.url.href}hook-${secret}`);
  await alerts.configure(config);
  look();
  await eventually(() => bodies.length >= asked && (says === undefined || lines.length > 0));
  await alerts.close();
  // What it has taken or refused outlasts the gateway as alerted; what it has not does not.
  expect([what, isKnown()]).toEqual([what, asked === 1]);
  expect(bodies.length).toBe(asked);
  expect(bodies.map((body) => JSON.parse(body).subject)).toEqual(Array.from({ length: asked }, () => 'm'));
  expect(lines.length).toBe(says === undefined ? 0 : 1);
  if (says !== undefined) expect(lines.join('')).toContain(says);
  // Nobody else gets what is for the webhook.
  expect(came).toBe(0);
  expect(`${lines.join('')}${bodies.join('')}`).not.toContain(secret);
});

test.each([
  { what: 'is gone', listens: false },
  { what: 'speaks something else', listens: true },
])('15: a webhook that $what is told of once, without its address', async ({ listens }) => {
  const port = freePort();
  const other = listens
    ? Bun.listen({
        ...{ hostname: '127.0.0.1', port },
        socket: {
          data(socket) {
            socket.end('220 mail.example ESMTP\r\n');
          },
        },
      })
    : undefined;
  try {
    const { alerts, config, lines, look } = setting(`http://127.0.0.1:${port}/hook-${secret}`);
    await alerts.configure(config);
    look();
    await eventually(() => lines.length > 0);
    await alerts.close();
    expect(lines).toHaveLength(1);
    expect(lines.join('')).toContain('no answer');
    expect(lines.join('')).not.toContain(secret);
  } finally {
    other?.stop(true);
  }
});
