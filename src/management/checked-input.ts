/** Input held against a schema: what does not fit is named, with what was expected, and never repeated. */
import type { z } from 'zod';
import { BadInput } from './bad-input.ts';
import { withOwnNames } from './given-names.ts';
import { refuse } from './reply.ts';

/** Issues that an answer names. */
const mostIssues = 5;

/** The value as the schema has it. Throws {@link BadInput}: `invalid body: value: expected boolean, received string`. */
export function checkedInput<T>(schema: z.ZodType<T>, given: unknown, where: 'body' | 'query'): T {
  const result = schema.safeParse(withOwnNames(schema, given));
  if (result.success) return result.data;
  throw new BadInput(
    refuse(400, `invalid ${where}: ${issuesText(result.error)}`, { code: `invalid_${where}` }),
  );
}

/** Each issue as `field: what was expected`. */
function issuesText({ issues }: Pick<z.ZodError, 'issues'>): string {
  const named = issues.slice(0, mostIssues).map(({ path, message }) => {
    const sentence = message.replace(/^Invalid input: /, '');
    return path.length === 0 ? sentence : `${path.map(String).join('.')}: ${sentence}`;
  });
  return named.join('; ');
}
