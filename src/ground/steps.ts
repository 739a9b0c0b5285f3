/** Long work in steps: a generator that stops where others may run. */

/** What work in steps comes to, without a stop. */
export function atOnce<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** The same, which yields to the event loop after each step. */
export async function runYielding<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await yieldToEventLoop();
  }
}

/** What `make` gives for each of a long list, which yields to the event loop after each `portion` of them. */
export async function mapYielding<From, To>(
  all: readonly From[],
  portion: number,
  make: (one: From, place: number) => To | Promise<To>,
): Promise<To[]> {
  const made: To[] = [];
  for (const [place, one] of all.entries()) {
    made.push(await make(one, place));
    if (place % portion === portion - 1) await yieldToEventLoop();
  }
  return made;
}

/** Resolves when the event loop has served everything that waited. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
