/** A sandbox whose clock a test puts forward; it begins anew with each test, and ends with those of the file. */
import { afterAll, beforeEach } from 'bun:test';
import { startSandbox } from '../sandbox/start.ts';

export function agedSandbox() {
  let later = 0;
  const sandbox = startSandbox({ pace: 0, now: () => Date.now() + later });
  beforeEach(() => {
    later = 0;
    sandbox.reset();
  });
  afterAll(() => sandbox.stop());
  return {
    sandbox,
    /** It is so many milliseconds later than the test began. */
    age(milliseconds: number) {
      later = milliseconds;
    },
  };
}
