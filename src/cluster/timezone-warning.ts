/** Replicas whose days begin at different times: budgets of a day and of a month would be counted on two meters. */
import type { Clock } from '../ground/clock.ts';
import { localDays } from '../usage/local-day.ts';
import type { Replica } from './ports.ts';

/** Gives what looks at the replicas that are there, and warns once of each that has other days than this one. */
export function timezoneWarning(
  self: Replica,
  now: Clock['now'],
  warn: (sentence: string) => void,
): (members: readonly Replica[]) => void {
  const warned = new Set<string>();
  return (members) => {
    for (const { id, name, timezone } of members) {
      if (id === self.id || warned.has(id) || timezone === undefined || self.timezone === undefined) continue;
      if (sameDays(self.timezone, timezone, now())) continue;
      warned.add(id);
      warn(
        `The replica ${name} has the time zone ${timezone}, this one ${self.timezone}: budgets of a day and of a month begin at different times on them, so that budgets may be exceeded. Give all replicas one time zone (TZ=UTC).`,
      );
    }
  };
}

const month = 30.5 * 24 * 3600_000;

/** Whether days begin at the same times in both for the next year: zones have several names. A zone that is not known here is another. */
export function sameDays(one: string, other: string, now: number): boolean {
  if (one === other) return true;
  try {
    const [first, second] = [localDays(one), localDays(other)];
    return Array.from({ length: 13 }, (_, index) => now + index * month).every(
      (at) => first.begins(first.dayOf(at)) === second.begins(second.dayOf(at)),
    );
  } catch {
    return false;
  }
}
