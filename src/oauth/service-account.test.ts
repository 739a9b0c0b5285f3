import { describe, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { hurriedDeps, scriptedServer, start } from '../../test/oauth/scripted-server.ts';
import type { JsonObject } from '../protocols/json.ts';
import { readPrivateKey } from './private-key.ts';
import { serviceAccountToken } from './service-account.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const email = 'robot@project.iam.gserviceaccount.com';

const keyFile = (tokenUri: string, more: JsonObject = {}): JsonObject => ({
  type: 'service_account',
  client_email: email,
  private_key: pkcs8,
  private_key_id: 'key-1',
  token_uri: tokenUri,
  ...more,
});
const googleTokens = () => Response.json({ access_token: 'ya29.x', token_type: 'Bearer', expires_in: 3599 });

test('an assertion that the key has signed becomes an access token of an hour', async () => {
  await using server = scriptedServer(googleTokens);
  const tokenUri = `${server.url}/token`;
  const result = await serviceAccountToken(keyFile(tokenUri), hurriedDeps());
  expect(result).toMatchObject({ ok: true, tokens: { accessToken: 'ya29.x', expiresAt: start + 3_599_000 } });

  const { grant_type, assertion, ...rest } = server.heard[0]?.form ?? {};
  expect(grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
  expect(rest).toEqual({});
  expect(server.heard[0]?.headers.get('user-agent')).toBe('cli-proxy-api/0.0.0');
  const { payload, protectedHeader } = await jwtVerify(assertion ?? '', publicKey, {
    currentDate: new Date(start),
  });
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
  expect(payload).toEqual({
    iss: email,
    aud: tokenUri,
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    iat: start / 1000,
    exp: start / 1000 + 3600,
  });
});

const spellings: { what: string; key: string }[] = [
  { what: 'PKCS#8', key: pkcs8 },
  { what: 'PKCS#1', key: pkcs1 },
  { what: 'line ends of Windows', key: pkcs8.replaceAll('\n', '\r\n') },
  { what: 'line ends written out', key: pkcs8.replaceAll('\n', '\\n') },
  { what: 'no line ends', key: pkcs1.replaceAll('\n', '') },
  {
    what: "a terminal's colours",
    key: `\u001b[0;32m${pkcs8.replaceAll('\n', '\u001b[0m\n\u001b[32m')}\u001b[K`,
  },
  { what: 'something around it', key: `Bag Attributes\n  friendlyName: x\n${pkcs8}\n` },
];
describe('a key is read with', () => {
  for (const { what, key } of spellings)
    test(what, () => {
      expect(readPrivateKey(key)?.export({ type: 'pkcs8', format: 'pem' })).toBe(pkcs8);
    });
});

const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const unusable: { what: string; change: JsonObject; message: string }[] = [
  {
    what: 'no client_email',
    change: { client_email: undefined },
    message: 'The service account file has no client_email.',
  },
  ...[
    undefined,
    'secret words',
    pkcs8.replace('M', '!'),
    pkcs8.slice(0, 400),
    `${pkcs8.slice(0, 200)}${pkcs8.slice(300)}`,
    ecKey.toString(),
  ].map((private_key, index) => ({
    what: `private_key of a wrong kind, ${index + 1}`,
    change: { private_key },
    message:
      'The private_key of the service account file is not an RSA key in PEM (BEGIN PRIVATE KEY or BEGIN RSA PRIVATE KEY).',
  })),
];
describe('a file is refused with', () => {
  for (const { what, change, message } of unusable)
    test(what, async () => {
      const result = await serviceAccountToken(keyFile('http://127.0.0.1:9/token', change), hurriedDeps());
      expect(result).toEqual({ ok: false, failure: { kind: 'refused', message } });
    });
});

test('a key that Google no longer knows needs a new one, and the sentence says whose it is', async () => {
  await using server = scriptedServer(() =>
    Response.json({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, { status: 400 }),
  );
  const result = await serviceAccountToken(keyFile(server.url), hurriedDeps());
  expect(result).toMatchObject({
    failure: {
      kind: 'sign-in-again',
      message: `Google does not accept the key of ${email}: it was deleted or disabled, or this computer's clock is wrong. Import a new key. Its message: “Invalid JWT Signature.” (invalid_grant).`,
    },
  });
});

test('the assertion goes to no address without TLS', async () => {
  const result = await serviceAccountToken(keyFile('http://example.com/token'), hurriedDeps());
  expect(result).toMatchObject({ failure: { kind: 'refused' } });
});
