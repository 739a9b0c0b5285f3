import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { createSemaphore } from './semaphore.ts';

test('all work together stays below the bound, each gets its turn in order, and none waits for nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 }), async (sizes) => {
      const most = 50;
      const semaphore = createSemaphore();
      const begun: number[] = [];
      const running = new Map<number, () => void>();
      let taken = 0;
      const all = sizes.map(async (size, at) => {
        const done = await semaphore.acquire(size, most);
        taken += size;
        expect(taken <= most || running.size === 0).toBe(true);
        begun.push(at);
        running.set(at, () => {
          taken -= size;
          running.delete(at);
          done();
        });
      });
      while (begun.length < sizes.length) {
        await Promise.resolve();
        await Promise.resolve();
        const [first] = running.values();
        first?.();
      }
      await Promise.all(all);
      expect(begun).toEqual(sizes.map((_, at) => at));
    }),
  );
});
