/** Long work in steps: a generator that stops where others may run. */
export type Steps<Result> = Generator<void, Result>;

/** The work as a function that does it at once, without a stop. */
export function atOnce<Given extends unknown[], Result>(
  work: (...given: Given) => Steps<Result>,
): (...given: Given) => Result {
  return (...given) => {
    const steps = work(...given);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  };
}
