/** What requests have cost: an unknown sum is not shown as zero. */
import type { UsageRow } from '../src/usage/usage-row.ts';
import { count, dollars } from './format.ts';
import { words } from './language.ts';

type Priced = Pick<UsageRow, 'cost' | 'unpriced'>;

/** What was billed; where nothing was, and the prices of some are not known, that. */
export function paid({ cost, unpriced: without }: Priced): string {
  const isKnown = without === 0 || Number(cost.paid) > 0 || Number(cost.worth) > 0;
  return isKnown ? dollars(cost.paid) : words.value.usage.noPrice;
}

/** Beside a known sum: whether the real one is higher. */
export function alsoUnpriced({ cost, unpriced: without }: Priced): string | null {
  const isKnown = Number(cost.paid) > 0 || Number(cost.worth) > 0;
  return without > 0 && isKnown ? words.value.usage.alsoUnpriced : null;
}

/** Requests that are in no sum, in words; null where there are none. */
export function unpriced({ unpriced: without }: Priced): string | null {
  return without === 0 ? null : words.value.usage.unpriced(count(without));
}
