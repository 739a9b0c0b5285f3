/** `metrics.listen`: the page on a port of its own, by the same rules, for as long as the gateway runs. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { startGateway } from '../../src/server/start.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { freePort } from '../free-port.ts';
import { clientKey, configOf } from '../gateway-harness.ts';
import { readMetrics } from './metrics-page.ts';

const directory = mkdtempSync(join(tmpdir(), 'metrics-own-port-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const token = 'token-of-the-metrics';
const managementKey = 'management-key-of-the-tests';

test('metrics.listen serves the page there and only there, and ends with the gateway', async () => {
  const address = `127.0.0.1:${freePort()}`;
  const gateway = await startGateway({
    config: configOf({
      ...{ 'auth-dir': directory, 'api-keys': [clientKey], metrics: { listen: address, token } },
      'remote-management': { 'secret-key': managementKey },
    }),
    ...{ version, log: createLog({ level: 'silent', format: 'json' }) },
  });
  const page = `http://${address}/metrics`;
  const status = async (url: string, init: RequestInit = {}): Promise<number> => {
    const answer = await fetch(url, init);
    await answer.text();
    return answer.status;
  };
  try {
    const answer = await fetch(page);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toStartWith('text/plain; version=0.0.4');
    expect(readMetrics(await answer.text()).some(({ name }) => name === 'cpa_build_info')).toBe(true);
    const table: [what: string, url: string, init: RequestInit, status: number][] = [
      ['its head alone', page, { method: 'HEAD' }, 200],
      ['with the token', page, { headers: { authorization: `Bearer ${token}` } }, 200],
      ['with the management key', page, { headers: { 'x-management-key': managementKey } }, 200],
      [
        'the token through a proxy',
        page,
        { headers: { via: '1.1 proxy', authorization: `Bearer ${token}` } },
        200,
      ],
      ['a wrong key', page, { headers: { authorization: 'Bearer wrong' } }, 401],
      ['the key of a client', page, { headers: { authorization: `Bearer ${clientKey}` } }, 401],
      ['no key, through a proxy', page, { headers: { 'x-forwarded-for': '192.0.2.1' } }, 401],
      ['no key, under a name from outside', page, { headers: { host: 'metrics.example.com' } }, 401],
      ['no key, from a page elsewhere', page, { headers: { origin: 'https://example.com' } }, 401],
      ['another method', page, { method: 'POST', headers: { authorization: `Bearer ${token}` } }, 405],
      ['models', `http://${address}/v1/models`, { headers: { authorization: `Bearer ${clientKey}` } }, 404],
      [
        'management',
        `http://${address}/v0/management/usage/summary`,
        { headers: { 'x-management-key': managementKey } },
        404,
      ],
      [
        "the gateway's own port",
        `${gateway.url}/metrics`,
        { headers: { authorization: `Bearer ${token}` } },
        404,
      ],
    ];
    for (const [what, url, init, expected] of table)
      expect([what, await status(url, init)]).toEqual([what, expected]);
  } finally {
    await gateway.stop();
  }
  await expect(fetch(page)).rejects.toThrow();
  // The port is free again.
  const [hostname = '', port = ''] = address.split(':');
  Bun.listen({ hostname, port: Number(port), socket: { data() {} } }).stop(true);
});
