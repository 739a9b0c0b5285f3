import { expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { readServiceAccount } from './service-account.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const otherKind = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const file = {
  type: 'service_account',
  project_id: 'my-project',
  private_key_id: 'abc',
  private_key: pkcs8,
  client_email: 'sa@my-project.iam.gserviceaccount.com',
  client_id: '1',
  token_uri: 'https://oauth2.googleapis.com/token',
};

test('a key file as Google gives it is an account, with everything that stands in it', () => {
  expect(readServiceAccount(JSON.stringify(file))).toEqual({
    ok: true,
    facts: {
      email: 'sa@my-project.iam.gserviceaccount.com',
      projects: ['my-project'],
      location: 'us-central1',
      serviceAccount: file,
    },
  });
});

test.each([
  ['PKCS#1', pkcs1],
  ['CRLF', pkcs8.replaceAll('\n', '\r\n')],
  ['line ends written out', pkcs8.replaceAll('\n', '\\n')],
  ['one line', pkcs8.replaceAll('\n', ' ')],
  ['the colours of a terminal', `\u001b[32m${pkcs8.replaceAll('\n', '\u001b[0m\n\u001b[1;32m')}\u001b[0m`],
  ['text around it', `Key:\n${pkcs8}\n`],
])('a private key with %s is brought into one form', (_, written) => {
  const read = readServiceAccount(JSON.stringify({ ...file, private_key: written }));
  expect(read).toMatchObject({ ok: true, facts: { serviceAccount: { private_key: pkcs8 } } });
});

test.each(['global', 'europe-west4', 'us'])('the location %s is taken', (location) => {
  expect(readServiceAccount(JSON.stringify(file), location)).toMatchObject({ ok: true, facts: { location } });
});

test.each([
  ['no JSON', 'hello', undefined, 'not a JSON object'],
  ['no object', '[]', undefined, 'not a JSON object'],
  ['a login of gcloud', { ...file, type: 'authorized_user' }, undefined, '"type" is "authorized_user"'],
  ['no project', { ...file, project_id: undefined }, undefined, '"project_id" is missing'],
  ['no e-mail', { ...file, client_email: ' ' }, undefined, '"client_email" is missing'],
  ['no key', { ...file, private_key: '' }, undefined, '"private_key" is missing'],
  [
    'a broken key',
    { ...file, private_key: pkcs8.slice(0, 200) },
    undefined,
    '"private_key" is not an RSA key',
  ],
  [
    'a key of another kind',
    { ...file, private_key: otherKind },
    undefined,
    '"private_key" is not an RSA key',
  ],
  ['a token address in the clear', { ...file, token_uri: 'http://example.com/' }, undefined, '"token_uri"'],
  ['a location that is another host', file, 'evil.example/x', 'the location is not one like'],
])('a file with %s is refused by name', (_, content, location, words) => {
  const read = readServiceAccount(typeof content === 'string' ? content : JSON.stringify(content), location);
  expect(read).toMatchObject({ ok: false });
  expect(JSON.stringify(read)).toContain(JSON.stringify(words).slice(1, -1));
  expect(JSON.stringify(read)).not.toContain(pkcs8.slice(40, 80));
});

test('a token address on this computer is taken, for tests', () => {
  const read = readServiceAccount(JSON.stringify({ ...file, token_uri: 'http://127.0.0.1:9/token' }));
  expect(read).toMatchObject({
    ok: true,
    facts: { serviceAccount: { token_uri: 'http://127.0.0.1:9/token' } },
  });
});
