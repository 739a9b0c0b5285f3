import { expect, test } from 'bun:test';
import { sameDays, timezoneWarning } from './timezone-warning.ts';

const now = Date.UTC(2026, 10, 30);
const replica = (id: string, timezone?: string) => ({ id, name: id, version: '1', startedAt: 0, timezone });

test('a replica with other days is warned of once, in words that name both time zones', () => {
  const warned: string[] = [];
  const look = timezoneWarning(
    replica('a', 'UTC'),
    () => now,
    (sentence) => warned.push(sentence),
  );
  const members = [replica('a', 'UTC'), replica('b', 'Europe/Berlin'), replica('c', 'Etc/UTC'), replica('d')];
  look(members);
  look(members);
  expect(warned).toHaveLength(1);
  expect(warned[0]).toContain('The replica b has the time zone Europe/Berlin, this one UTC');
});

test('two names of one zone have the same days; zones that differ in summer alone have not', () => {
  expect(sameDays('UTC', 'Etc/GMT', now)).toBe(true);
  expect(sameDays('Europe/Berlin', 'Europe/Paris', now)).toBe(true);
  expect(sameDays('UTC', 'Europe/London', now)).toBe(false);
  expect(sameDays('UTC', 'Mars/Olympus', now)).toBe(false);
});
