/** Long work in steps: a generator that stops where others may run. */
export type Steps<Result> = Generator<void, Result>;

/** What the work comes to, without a stop. */
export function withoutStops<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Work in steps as a function that does it at once. */
export function atOnce<Given extends unknown[], Result>(
  work: (...given: Given) => Steps<Result>,
): (...given: Given) => Result {
  return (...given) => withoutStops(work(...given));
}
