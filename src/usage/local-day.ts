/** Days as people have them: in a time zone, of 23 to 25 hours where clocks change. */

export interface LocalDays {
  readonly timezone: string;
  /** The number of the day that a time (ms since the epoch) is in: days since 1 January 1970, as that zone's calendar has them. */
  dayOf(at: number): number;
  /** When a day begins, in ms since the epoch. */
  begins(day: number): number;
  /**
   * When the wall clock of a day has come so far from midnight, in ms: the first time where it does so twice, and where clocks
   * jump over it the time that it would be without the jump.
   */
  momentOf(day: number, clock: number): number;
}

const dayMs = 86_400_000;
/** Every offset that a zone has is a whole number of these. */
const slotMs = 900_000;
/** Remembered offsets; more than the quarters of a year. */
const mostRemembered = 50_000;

/** The zone of this computer. */
export function ownTimezone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Throws a RangeError for a zone that the system does not know. */
export function localDays(timezone: string): LocalDays {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const local = new Map<number, number>();
  const starts = new Map<number, number>();

  /** The wall clock at the beginning of a slot, as if it were UTC. */
  function wallOf(slot: number): number {
    const found = local.get(slot);
    if (found !== undefined) return found;
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(slot * slotMs)) parts[type] = Number(value);
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    const wall = Date.UTC(year, month - 1, day, hour, minute);
    if (local.size >= mostRemembered) local.clear();
    local.set(slot, wall);
    return wall;
  }

  /** The first slot whose wall clock has reached a day: where clocks go back over midnight the day does not end again. */
  function begins(day: number): number {
    const found = starts.get(day);
    if (found !== undefined) return found;
    let from = Math.floor((day * dayMs - 15 * 3_600_000) / slotMs);
    let to = Math.ceil((day * dayMs + 15 * 3_600_000) / slotMs);
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (wallOf(middle) >= day * dayMs) to = middle;
      else from = middle + 1;
    }
    if (starts.size >= mostRemembered) starts.clear();
    starts.set(day, from * slotMs);
    return from * slotMs;
  }

  const wallAt = (at: number): number => {
    const slot = Math.floor(at / slotMs);
    return wallOf(slot) + at - slot * slotMs;
  };

  return {
    timezone,
    begins,
    momentOf(day, clock) {
      const wanted = day * dayMs + clock;
      const guess = begins(day) + clock;
      const moved = guess + wanted - wallAt(guess);
      return wallAt(moved) === wanted ? moved : Math.max(guess, moved);
    },
    dayOf(at) {
      const day = Math.floor(wallOf(Math.floor(at / slotMs)) / dayMs);
      if (at < begins(day)) return day - 1;
      return at >= begins(day + 1) ? day + 1 : day;
    },
  };
}
