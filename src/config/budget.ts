/** What a client key, a credential or an account may spend: the same words wherever that is limited. */
import type { z } from 'zod';
import { dollars, group, wholeNumber } from './values.ts';

const spending = (period: string) =>
  group({
    tokens: wholeNumber(1)
      .optional()
      .meta({ description: `Most tokens, in and out, of a ${period}.` }),
    usd: dollars()
      .optional()
      .meta({ description: `Most money of a ${period}, by the \`prices\` of the models.` }),
  }).optional();

/** Tokens and US dollars of a day and of a month; what is absent has no limit. */
export const budget = group({
  day: spending('day').meta({ description: 'From midnight to midnight, local time.' }),
  month: spending('month').meta({ description: 'From the first of a month to the next, local time.' }),
});
export type Budget = z.output<typeof budget>;

/** Whether anything is limited: then the rest of the program has nothing to count. */
export function limitsAnything({ day, month }: Budget): boolean {
  return [day?.tokens, day?.usd, month?.tokens, month?.usd].some((most) => most !== undefined);
}
