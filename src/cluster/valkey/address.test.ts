import { expect, test } from 'bun:test';
import { valkeyAddress } from './address.ts';

const usual = {
  kind: 'single',
  tls: false,
  username: undefined,
  password: undefined,
  database: 0,
  master: 'mymaster',
} as const;

test.each([
  { url: 'redis://localhost', address: { ...usual, hosts: [{ host: 'localhost', port: 6379 }] } },
  {
    url: 'rediss://ann:p%40ss:word@valkey.internal:6380/3',
    address: {
      ...usual,
      hosts: [{ host: 'valkey.internal', port: 6380 }],
      tls: true,
      username: 'ann',
      password: 'p@ss:word',
      database: 3,
    },
  },
  {
    url: 'valkeys://:secret@[::1]:7000',
    address: { ...usual, hosts: [{ host: '::1', port: 7000 }], tls: true, password: 'secret' },
  },
  {
    url: 'redis+sentinel://:secret@a,b:26380/limits/2',
    address: {
      ...usual,
      kind: 'sentinel',
      hosts: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26380 },
      ],
      password: 'secret',
      master: 'limits',
      database: 2,
    },
  },
  {
    url: 'rediss+cluster://a:1,b:2',
    address: {
      ...usual,
      kind: 'cluster',
      tls: true,
      hosts: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    },
  },
] as const)('$url', ({ url, address }) => {
  expect(valkeyAddress(url)).toEqual({ ...address, hosts: [...address.hosts] });
});
