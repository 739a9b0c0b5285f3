/** What was spent since a day or a month began. Pure: time comes in as an argument, the time zone is the computer's. */

export interface Spending {
  /** When the period began, in ms since the epoch. */
  readonly from: number;
  /** When the next one begins. */
  readonly until: number;
  readonly tokens: number;
  /** US dollars. */
  readonly usd: number;
}

export type Period = 'day' | 'month';

function periodAt(period: Period, now: number): { from: number; until: number } {
  const date = new Date(now);
  const [year, month] = [date.getFullYear(), date.getMonth()];
  const begins = (ahead: number): number =>
    // A day has 23 to 25 hours where clocks change: the next one begins by the calendar.
    period === 'day'
      ? new Date(year, month, date.getDate() + ahead).getTime()
      : new Date(year, month + ahead, 1).getTime();
  return { from: begins(0), until: begins(1) };
}

export function nothingSpent(period: Period, now: number): Spending {
  return { ...periodAt(period, now), tokens: 0, usd: 0 };
}

/** The spending of the period that it is now: the same while that goes on, nothing when another has begun. */
export function spendingAt(spending: Spending, period: Period, now: number): Spending {
  return now >= spending.from && now < spending.until ? spending : nothingSpent(period, now);
}

export function withSpent(spending: Spending, spent: { tokens: number; usd: number }): Spending {
  return { ...spending, tokens: spending.tokens + spent.tokens, usd: spending.usd + spent.usd };
}
