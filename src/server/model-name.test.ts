import { expect, test } from 'bun:test';
import { unusableModelName } from './model-name.ts';

test.each([
  ['gpt-5.6', 256],
  ['x'.repeat(256), 256],
  ['模'.repeat(85), 256],
])('H2: %s is a usable name', (name, limit) => {
  expect(unusableModelName(name, limit)).toBeUndefined();
});

test.each([
  ['x'.repeat(257), 256],
  ['模'.repeat(86), 256],
  [`${'x'.repeat(62)}${'😀'.repeat(8_000_000)}`, 256],
])('H2: a longer name is refused without repeating it', (name, limit) => {
  const refusal = unusableModelName(name, limit);
  expect(refusal?.status).toBe(400);
  expect(refusal?.message.length).toBeLessThan(200);
  expect(refusal?.message.isWellFormed()).toBe(true);
});
