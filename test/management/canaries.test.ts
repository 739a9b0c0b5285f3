/** What the log says of requests to every address: who, from where, what was changed, and no secret of any kind. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { firstClientKey, ownerKey, type PreparedGateway, preparedGateway } from './prepared-gateway.ts';

const canary = (kind: string) => `canary-${kind}-5f2c91d07b`;

let gateway: PreparedGateway;
beforeAll(async () => {
  gateway = await preparedGateway();
}, 30_000);
afterAll(() => gateway[Symbol.asyncDispose]());

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const whole = path.startsWith('/') ? path : `/v0/management/${path}`;
  const response = await fetch(`${gateway.url}${whole}`, {
    method,
    redirect: 'manual',
    headers: { authorization: `Bearer ${ownerKey}`, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return response.text();
}

/** All files of the folder that are logs. */
function logFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((file) => file.endsWith('.log') && statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'));
}

const kinds = [
  ...['wrong-key', 'client', 'gemini', 'claude', 'codex', 'vertex', 'compatible', 'header', 'proxy'],
  ...['access', 'refresh', 'id', 'call', 'call-data', 'code', 'cookie', 'query', 'field', 'yaml', 'any'],
];

test('secrets of every kind are in no line of the log and in no error', async () => {
  const document = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(JSON.parse(await ask('GET', 'openapi.json')));
  const tokens = {
    access_token: canary('access'),
    refresh_token: canary('refresh'),
    id_token: canary('id'),
  };
  const errors: string[] = [];
  const wanted: [string, string, unknown?, Record<string, string>?][] = [
    ['GET', 'config', undefined, { authorization: `Bearer ${canary('wrong-key')}` }],
    ['PUT', 'api-keys', [firstClientKey, canary('client')]],
    ['PATCH', 'api-keys', { index: 99, value: canary('client') }],
    ['DELETE', `api-keys?value=${canary('client')}`],
    ...['gemini', 'claude', 'codex', 'vertex'].flatMap((name): [string, string, unknown?][] => [
      [
        'PUT',
        `${name}-api-key`,
        [
          {
            'api-key': canary(name),
            'base-url': gateway.upstreamUrl,
            headers: { 'X-Key': canary('header') },
            'proxy-url': `http://u:${canary('proxy')}@127.0.0.1:9`,
          },
        ],
      ],
      ['PUT', `${name}-api-key`, [{ 'api-key': canary(name), 'base-url': 'no address' }]],
      ['PUT', `${name}-api-key`, { 'api-key': canary(name) }],
      ['DELETE', `${name}-api-key?api-key=${canary(name)}`],
    ]),
    [
      'PATCH',
      'openai-compatibility',
      { name: 'fake', value: { 'api-key-entries': [{ 'api-key': canary('compatible') }] } },
    ],
    ['PUT', 'proxy-url', { value: `http://u:${canary('proxy')}@127.0.0.1:9` }],
    ['DELETE', 'proxy-url'],
    ['POST', 'auth-files?name=claude-canary.json', { type: 'claude', email: 'c@example.test', ...tokens }],
    ['POST', 'auth-files?name=bad.json', `{"access_token":"${canary('access')}`],
    ['POST', 'auth-files?name=bad.json', { type: canary('access'), ...tokens, disabled: canary('refresh') }],
    ['PATCH', 'auth-files/fields', { name: 'claude-canary.json', access_token: canary('access') }],
    ['PATCH', 'auth-files/fields', { name: 'claude-canary.json', weight: canary('field') }],
    ['PATCH', 'auth-files/fields', { name: 'claude-canary.json', headers: { 'X-Key': canary('header') } }],
    ['POST', 'auth-files/refresh', { name: 'claude-canary.json' }],
    [
      'POST',
      'api-call',
      {
        method: 'GET',
        url: `http://127.0.0.1:9/?key=${canary('query')}`,
        header: { Authorization: `Bearer ${canary('call')}` },
        data: canary('call-data'),
      },
    ],
    [
      'POST',
      'api-call',
      { method: 'GET', url: `no address ${canary('query')}`, header: { Cookie: canary('call') } },
    ],
    ['POST', 'oauth-callback', { provider: 'codex', state: 'none', code: canary('code') }],
    ['GET', `/codex/callback?code=${canary('code')}&state=none`],
    ['POST', 'iflow-auth-url', { cookie: `BXAuth=${canary('cookie')}` }],
    ['PUT', 'config.yaml', `api-keys: [${canary('yaml')}\n`],
    ['PUT', 'config.yaml', `api-keys:\n  - ${canary('yaml')}\n`, { 'if-match': '"none"' }],
    ['PUT', '/v8/management/config/network/proxy-url', canary('proxy')],
    ['DELETE', `auth-files?name=claude-canary.json`],
  ];
  for (const [method, path, body, headers] of wanted) {
    const said = await ask(method, path, body, headers);
    if (said.includes('"error"')) errors.push(said);
  }
  for (const [path, operations] of Object.entries(document.paths))
    for (const method of Object.keys(operations)) {
      if (/console-ticket|\/config(\.yaml|\/|$)/.test(path)) continue;
      // What has been written is what is looked at.
      if (method === 'delete' && path.endsWith('/logs')) continue;
      const filled = path.replace(/\{\w+\}/g, canary('any'));
      const body = method === 'get' ? undefined : { value: canary('any'), [canary('any')]: canary('any') };
      const said = await ask(method.toUpperCase(), `${filled}?key=${canary('any')}`, body);
      if (said.includes('"error"')) errors.push(said);
    }
  const lines = [gateway.output(), ...logFiles(gateway.path)].join('\n');
  expect(lines).toContain('"management"');
  // Names that a caller puts into a path are repeated: nobody keeps a secret there.
  const found = kinds.filter((kind) => kind !== 'any' && lines.includes(canary(kind)));
  const told = kinds.filter((kind) => kind !== 'any' && errors.some((text) => text.includes(canary(kind))));
  expect({ found, told }).toEqual({ found: [], told: [] });
  const withSecrets = lines
    .split('\n')
    .filter((line) => line.includes(ownerKey) || line.includes('sk-fake-1'));
  expect(withSecrets).toEqual([]);
}, 60_000);
