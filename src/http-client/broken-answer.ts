import { reasonOf } from '../ground/reason.ts';

/** What came is no answer of HTTP/1.1, or contradicts itself. */
export class BrokenAnswer extends Error {
  override name = 'BrokenAnswer';
}

export function brokenBy(cause: unknown): BrokenAnswer {
  return new BrokenAnswer(reasonOf(cause), { cause });
}
