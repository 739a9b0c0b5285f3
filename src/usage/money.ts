/** Money in billionths of a US dollar, whole: sums of it are exact. */

const perDollar = 1_000_000_000n;

/** Dollars as decimal text, without zeros at the end: `0.0135`, `12.5`, `0`. */
export function dollarsText(nano: bigint | number): string {
  const all = BigInt(nano);
  const sign = all < 0n ? '-' : '';
  const amount = all < 0n ? -all : all;
  const rest = (amount % perDollar).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${amount / perDollar}${rest === '' ? '' : `.${rest}`}`;
}

/** Whole nano-dollars of an amount in dollars. */
export function nanoOf(dollars: number): number {
  return Math.round(dollars * 1e9);
}

/** Dollars as a number: for budgets, whose sums need not be exact. */
export function dollarsOf(nano: number): number {
  return nano / 1e9;
}
