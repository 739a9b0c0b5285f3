/** What the shapes of answers are made of. */
import { z } from 'zod';

export const text = z.string();
export const flag = z.boolean();
export const count = z.int().min(0);
export const amount = count.nullable();
export const time = z.string().meta({ format: 'date-time' });
export const dollars = z.string().meta({ description: 'US dollars as decimal text.' });

/** A schema with an example of what fits it. */
export function shape<T>(schema: z.ZodType<T>, example: T): z.ZodType<T> {
  return schema.meta({ examples: [example] });
}

/** A type as it is after its way through JSON: what is undefined is left out. */
export type AsJson<T> = T extends readonly (infer Entry)[]
  ? AsJson<Entry>[]
  : T extends object
    ? { [Name in keyof T as undefined extends T[Name] ? never : Name]: AsJson<T[Name]> } & {
        [Name in keyof T as undefined extends T[Name] ? Name : never]?: AsJson<Exclude<T[Name], undefined>>;
      }
    : T;
