/** How much of an answer is taken, by the names that the configuration has for it. */

export interface AnswerBounds {
  'upstream-head': number;
  'whole-answer': number;
  'unpacked-answer': number;
  'all-answers-unpacked': number;
}

/** Defaults. */
export const usualBounds: AnswerBounds = {
  'upstream-head': 256 * 1024,
  'whole-answer': 64 * 1024 * 1024,
  'unpacked-answer': 64 * 1024 * 1024,
  'all-answers-unpacked': 256 * 1024 * 1024,
};

/** More came than is taken. */
export class BeyondBound extends Error {
  constructor(
    what: string,
    most: number,
    /** Its name in the configuration. */
    readonly bound: string,
  ) {
    super(`${what} is larger than ${most} bytes (bounds.${bound})`);
    this.name = 'BeyondBound';
  }
}
