/** What is typed into the fields of a form, as the gateway takes it, and back. Null takes a setting away. */
import type { Budget } from '../src/config/budget.ts';

export const numberIn = (text: string): number | null => (text.trim() === '' ? null : Number(text));

/** Names with commas between them. */
export function listIn(text: string): string[] | null {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length === 0 ? null : names;
}

/** The fields of a budget, in the order in which they are shown. */
export const budgetFields = ['dayUsd', 'dayTokens', 'monthUsd', 'monthTokens'] as const;
export type BudgetTexts = Record<(typeof budgetFields)[number], string>;

interface Spending {
  usd?: number | null | undefined;
  tokens?: number | null | undefined;
}

export function budgetTexts(
  budget: { day?: Spending | undefined; month?: Spending | undefined } | null | undefined,
): BudgetTexts {
  const text = (amount: number | null | undefined): string => String(amount ?? '');
  return {
    dayUsd: text(budget?.day?.usd),
    dayTokens: text(budget?.day?.tokens),
    monthUsd: text(budget?.month?.usd),
    monthTokens: text(budget?.month?.tokens),
  };
}

export function budgetIn(fields: BudgetTexts): Budget | null {
  const spending = (usd: string, tokens: string): Spending => ({
    ...(usd.trim() !== '' && { usd: Number(usd) }),
    ...(tokens.trim() !== '' && { tokens: Number(tokens) }),
  });
  const budget = {
    day: spending(fields.dayUsd, fields.dayTokens),
    month: spending(fields.monthUsd, fields.monthTokens),
  };
  const used = Object.entries(budget).filter(([, { usd, tokens }]) => (usd ?? tokens) !== undefined);
  return used.length === 0 ? null : Object.fromEntries(used);
}
