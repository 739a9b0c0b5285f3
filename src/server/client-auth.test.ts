import { describe, expect, test } from 'bun:test';
import { hash } from 'node:crypto';
import { keyId } from '../config/hashed-key.ts';
import { parseConfig } from '../config/load.ts';
import { clientAuth } from './client-auth.ts';

const noon = Date.parse('2026-11-29T12:00:00Z');

function auth(yaml: string, now = () => noon) {
  const parsed = parseConfig(`api-keys:\n${yaml}`, { file: 'config.yaml', env: {} });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return clientAuth(parsed.config['api-keys'], now);
}

const sent = (key: string) => new Headers({ authorization: `Bearer ${key}` });

function outcome(keys: ReturnType<typeof clientAuth>, key: string) {
  const result = keys.check(sent(key), undefined);
  return result.ok ? result.client.name : result.reason;
}

test('a disabled key is refused, and one that is not disabled opens', () => {
  const keys = auth('  - {key: a, name: ann, disabled: true}\n  - {key: b, name: bob, disabled: false}\n');
  expect([outcome(keys, 'a'), outcome(keys, 'b'), outcome(keys, 'c')]).toEqual(['disabled', 'bob', 'wrong']);
});

test.each<[string, Record<string, string>, string]>([
  ['beside the login of a proxy', { authorization: 'Basic dTpw', 'x-api-key': 'b' }, ''],
  ['beside the key of another service', { authorization: 'Bearer other', 'x-goog-api-key': 'b' }, ''],
  ['in the query beside a wrong header', { 'x-api-key': 'other' }, 'key=b'],
  ['beside a disabled one', { authorization: 'Bearer a', 'x-api-key': 'b' }, ''],
])('a right key opens %s', (_, headers, query) => {
  const keys = auth('  - {key: a, name: ann, disabled: true}\n  - {key: b, name: bob}\n');
  expect(keys.check(new Headers(headers), new URLSearchParams(query))).toMatchObject({
    client: { name: 'bob' },
  });
});

test('of several keys that do not open, the one that is known is spoken of', () => {
  const keys = auth('  - {key: a, name: ann, disabled: true}\n');
  const both = new Headers({ authorization: 'Bearer wrong', 'x-api-key': 'a' });
  expect(keys.check(both, undefined)).toEqual({ ok: false, reason: 'disabled' });
  expect(keys.check(new Headers({ authorization: '', 'x-api-key': '' }), undefined)).toEqual({
    ok: false,
    reason: 'missing',
  });
});

test('a key opens until it expires, also on a connection that is open', () => {
  let now = noon;
  const keys = auth('  - {key: a, name: ann, expires: "2026-11-29T12:00:01Z"}\n', () => now);
  expect(outcome(keys, 'a')).toBe('ann');
  expect(keys.byId(keyId('a'))?.client.name).toBe('ann');
  now += 1000;
  expect(outcome(keys, 'a')).toBe('expired');
  expect(keys.byId(keyId('a'))).toBeUndefined();
});

describe('after a rotation', () => {
  const rotated = '  - {key: new, name: ann, previous-key: old, previous-until: "2026-11-29T13:00:00Z"';

  test('both keys are the same client until the time of the old one is over', () => {
    let now = noon;
    const keys = auth(`${rotated}}\n`, () => now);
    const ids = ['old', 'new'].map((key) => {
      const result = keys.check(sent(key), undefined);
      return result.ok ? result.client.id : result.reason;
    });
    expect(ids).toEqual([keyId('new'), keyId('new')]);
    now = Date.parse('2026-11-29T13:00:00Z');
    expect([outcome(keys, 'old'), outcome(keys, 'new')]).toEqual(['rotated', 'ann']);
    expect(keys.byId(keyId('old'))).toBeUndefined();
    expect(keys.byId(keyId('new'))?.client.name).toBe('ann');
  });

  test('an expiry of the owner ends both', () => {
    const keys = auth(`${rotated}, expires: "2026-11-29T11:00:00Z"}\n`);
    expect([outcome(keys, 'old'), outcome(keys, 'new')]).toEqual(['expired', 'expired']);
  });

  test('the limits of both are one', () => {
    const keys = auth(`${rotated}, concurrency: 2}\n`);
    const limited = ['old', 'new'].map((key) => {
      const result = keys.check(sent(key), undefined);
      return result.ok ? result.limited?.id : undefined;
    });
    expect(limited).toEqual([keyId('new'), keyId('new')]);
  });
});

describe('a key of which only the SHA-256 is known', () => {
  const digest = `sha256:${hash('sha256', 'sk-imported', 'hex')}`;

  test('opens by what it was made of, and not by the hash itself', () => {
    const keys = auth(`  - {key: "${digest}", name: ann}\n`);
    expect([outcome(keys, 'sk-imported'), outcome(keys, digest)]).toEqual(['ann', 'wrong']);
  });

  test('is the same client as the key in the clear', () => {
    expect(keyId(digest)).toBe(keyId('sk-imported'));
  });
});
