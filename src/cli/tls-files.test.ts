import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTlsFiles } from './tls-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'tls-'));
afterAll(() => rmSync(directory, { recursive: true }));
const path = (name: string) => join(directory, name);

for (const name of ['mine', 'other']) {
  const files = ['-out', path(`${name}.crt`), '-keyout', path(`${name}.key`)];
  const kind = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-subj',
    '/CN=localhost',
  ];
  Bun.spawnSync(['openssl', 'req', ...kind, ...files], { stderr: 'ignore' });
}
writeFileSync(path('empty.pem'), '');

test('a certificate and its key pass, and so does everything while tls is off', () => {
  expect(() => checkTlsFiles({ enable: true, cert: path('mine.crt'), key: path('mine.key') })).not.toThrow();
  expect(() => checkTlsFiles({ enable: false, cert: path('nowhere'), key: path('nowhere') })).not.toThrow();
});

test.each([
  ['nowhere.crt', 'mine.key', /^tls\.cert: the file cannot be read: .*nowhere\.crt/],
  ['mine.crt', 'nowhere.key', /^tls\.key: the file cannot be read: .*nowhere\.key/],
  ['empty.pem', 'mine.key', /^tls\.cert: .*empty\.pem does not hold a certificate in PEM form/],
  ['mine.crt', 'mine.crt', /^tls\.key: .*mine\.crt does not hold a private key/],
  ['mine.crt', 'other.key', /^tls\.key: .*other\.key does not belong to the certificate in .*mine\.crt/],
])('%s with %s is refused by name', (cert, key, message) => {
  expect(() => checkTlsFiles({ enable: true, cert: path(cert), key: path(key) })).toThrow(message);
});
