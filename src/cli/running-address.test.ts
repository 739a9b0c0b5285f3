import { expect, test } from 'bun:test';
import { fromHere, onLoopback } from './running-address.ts';

test('an address of every interface is shown as this computer reaches it, a folder with its slash', () => {
  expect(onLoopback('http://0.0.0.0:8317/console/')).toBe('http://127.0.0.1:8317/console/');
  expect(onLoopback('https://[::]:8317')).toBe('https://127.0.0.1:8317');
  expect(fromHere('http://0.0.0.0:8317/')).toBe('http://127.0.0.1:8317');
  expect(onLoopback('http://gateway.lan:8317/console/')).toBe('http://gateway.lan:8317/console/');
});
