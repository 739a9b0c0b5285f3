import { expect, test } from 'bun:test';
import { mostBetweenTurns } from '../../test/turns.ts';
import { mapYielding } from './steps.ts';

test('16: no more of a long list is made between two turns of the event loop than its portion', async () => {
  const all = Array.from({ length: 1000 }, (_, place) => place);
  for (const portion of [1, 50, 999, 5000]) {
    const made: number[] = [];
    const most = await mostBetweenTurns(async (done) => {
      made.push(
        ...(await mapYielding(all, portion, (one) => {
          done();
          return one * 2;
        })),
      );
    });
    expect([portion, most]).toEqual([portion, Math.min(portion, all.length)]);
    expect(made).toEqual(all.map((one) => one * 2));
  }
});
