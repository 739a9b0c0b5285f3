import { expect, test } from 'bun:test';
import { shippedBounds } from '../config/bounds.ts';
import { logSettings } from './log-settings.ts';

test.each([
  [false, 'auto', true, { level: 'info', format: 'pretty' }],
  [false, 'auto', false, { level: 'info', format: 'json' }],
  [true, 'json', true, { level: 'debug', format: 'json' }],
  [true, 'pretty', false, { level: 'debug', format: 'pretty' }],
] as const)('debug: %p, log.format: %s, to a terminal: %p', (debug, format, terminal, expected) => {
  expect(logSettings({ debug, log: { format }, bounds: shippedBounds }, terminal)).toEqual({
    ...expected,
    longest: 16_384,
  });
});
