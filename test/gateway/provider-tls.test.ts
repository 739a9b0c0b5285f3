import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountProvider } from '../../src/accounts/provider-overrides.ts';
import type { JsonObject } from '../../src/protocols/json.ts';
import { configOf } from '../gateway-harness.ts';
import { ask, gatewayWith, textOf } from './accounts.ts';

const folder = mkdtempSync(join(tmpdir(), 'provider-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

/** Makes a key and a certificate; signed by `issuer`, or by itself. */
function makeCertificate(name: string, issuer?: string): void {
  const signed = issuer === undefined ? [] : ['-CA', file(`${issuer}.pem`), '-CAkey', file(`${issuer}.key`)];
  const run = Bun.spawnSync(
    [
      ...[
        'openssl',
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost'],
      ...['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), ...signed],
    ],
    { stderr: 'pipe' },
  );
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
}
makeCertificate('authority');
makeCertificate('client');

const read = (name: string): Promise<string> => Bun.file(file(name)).text();
const secrets = { cert: await read('authority.pem'), key: await read('authority.key') };
const answer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi there' }, finish_reason: 'stop' }],
};

/** Answers over TLS as the options want it. */
async function listening(options: object): Promise<{ url: string } & Disposable> {
  const server = createServer({ ...secrets, ...options }, (_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `https://localhost:${address.port}`,
    [Symbol.dispose]: () => {
      server.close();
    },
  };
}

async function asked(url: string, tls: JsonObject): Promise<string> {
  const provider = accountProvider('qwen', configOf({ providers: { qwen: { 'base-url': url, tls } } }));
  const [api] = provider.apis({}, { baseUrl: provider.baseUrl });
  if (api === undefined) throw new Error('no API');
  const gateway = gatewayWith([{ kind: 'qwen', url: api.baseUrl, more: { provider: api.provider } }]);
  return textOf(await ask(gateway, { protocol: 'openai-chat', model: 'qwen3-coder-plus' }));
}

const ours = { 'ca-file': file('authority.pem') };
const shown = { 'client-certificate': file('client.pem'), 'client-key': file('client.key') };
const wantsClient = { requestCert: true, rejectUnauthorized: true, ca: [await read('client.pem')] };
const old = { maxVersion: 'TLSv1.2' };

test.each([
  { says: 'a certificate of nobody known is refused', server: {}, tls: {}, works: false },
  { says: 'ca-file makes its issuer known', server: {}, tls: ours, works: true },
  {
    says: 'a server that wants a certificate refuses who shows none',
    server: wantsClient,
    tls: ours,
    works: false,
  },
  { says: 'client-certificate is shown', server: wantsClient, tls: { ...ours, ...shown }, works: true },
  { says: 'min-version is kept', server: old, tls: { ...ours, 'min-version': '1.3' }, works: false },
  {
    says: 'max-version is kept',
    server: { minVersion: 'TLSv1.3' },
    tls: { ...ours, 'max-version': '1.2' },
    works: false,
  },
  { says: 'versions in between work', server: old, tls: { ...ours, 'min-version': '1.2' }, works: true },
  {
    says: 'ciphers are kept',
    server: old,
    tls: { ...ours, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
    works: false,
  },
  {
    says: 'ciphers of both sides work',
    server: old,
    tls: { ...ours, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    works: true,
  },
  {
    says: 'without HTTP/2 there, HTTP/1.1 is spoken',
    server: {},
    tls: { ...ours, http2: true },
    works: true,
  },
  {
    says: 'a file that is not there is named',
    server: {},
    tls: { 'ca-file': file('none.pem') },
    works: 'none.pem',
  },
])('$says', async ({ server: options, tls, works }) => {
  using server = await listening(options);
  const text = await asked(server.url, tls);
  expect(text).toContain(works === true ? 'Hi there' : works === false ? 'Could not reach localhost' : works);
});

test('http2 speaks HTTP/2 where the provider does', async () => {
  const { createSecureServer } = await import('node:http2');
  const spoken: string[] = [];
  const server = createSecureServer(secrets, (request, response) => {
    spoken.push(request.httpVersion);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  expect(await asked(`https://localhost:${address.port}`, { ...ours, http2: true })).toContain('Hi there');
  expect(spoken).toEqual(['2.0']);
  server.close();
});
