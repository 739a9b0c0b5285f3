import { expect, test } from 'bun:test';
import { type Access, metricsAccess } from './metrics-access.ts';

const rules = {
  token: 'the-token',
  isManagementKey: async (given: string, address: string | undefined) =>
    given === 'the-management-key' && address !== '203.0.113.9',
  isClientKey: (given: string) => given === 'the-client-key',
};
const here = { host: '127.0.0.1:8317' };

test.each<[what: string, access: Access, headers: Record<string, string>, address?: string]>([
  ['a program of this computer', 'granted', here],
  ['one that uses the name localhost', 'granted', { host: 'localhost:8317' }],
  ['one over IPv6', 'granted', { host: '[::1]:8317' }, '::1'],
  ['another computer', 'missing', here, '203.0.113.9'],
  ['a name that points here', 'missing', { host: 'rebound.example' }],
  ['no host', 'missing', {}],
  ['a proxy: X-Forwarded-For', 'missing', { ...here, 'x-forwarded-for': '203.0.113.9' }],
  ['a proxy: Forwarded', 'missing', { ...here, forwarded: 'for=203.0.113.9' }],
  ['a proxy: Via', 'missing', { ...here, via: '1.1 proxy' }],
  ['a proxy: X-Real-IP', 'missing', { ...here, 'x-real-ip': '203.0.113.9' }],
  ['a page of another site', 'missing', { ...here, origin: 'https://evil.example' }],
  ['an image in such a page', 'missing', { ...here, 'sec-fetch-site': 'cross-site' }],
  ['the token from elsewhere', 'granted', { authorization: 'Bearer the-token' }, '203.0.113.9'],
  ['the token behind a proxy', 'granted', { authorization: 'bearer the-token', via: '1.1 proxy' }],
  ['the management key', 'granted', { 'x-management-key': 'the-management-key' }],
  ['the same as Bearer', 'granted', { authorization: 'Bearer the-management-key' }],
  [
    'the token beside a key of somebody else',
    'granted',
    { authorization: 'Bearer the-token', 'x-management-key': 'x' },
  ],
  ['that key where it may not be used', 'wrong', { 'x-management-key': 'the-management-key' }, '203.0.113.9'],
  ['a wrong key, though from here', 'wrong', { ...here, authorization: 'Bearer the-tokem' }],
  ['a client key, which is no guess', 'client', { authorization: 'Bearer the-client-key' }],
  ['another kind of proof from here', 'granted', { ...here, authorization: 'Basic dTpw' }],
])('%s: %s', async (_, access, headers, address = '127.0.0.1') => {
  expect(await metricsAccess(new Headers(headers), address, rules)).toBe(access);
});

test('without a token none opens, not even an empty one', async () => {
  const headers = new Headers({ ...here, authorization: 'Bearer undefined' });
  expect(await metricsAccess(headers, '127.0.0.1', { ...rules, token: undefined })).toBe('wrong');
});
