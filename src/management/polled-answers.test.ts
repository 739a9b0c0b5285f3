import { expect, test } from 'bun:test';
import { polledAnswers } from './polled-answers.ts';

function answering(work: (key: string) => Promise<void> = async () => {}) {
  let time = 1_000_000;
  const made: string[] = [];
  const before: (string | undefined)[] = [];
  const ask = polledAnswers<string, string>(
    async (key, last) => {
      made.push(key);
      before.push(last);
      await work(key);
      return `${key} ${made.length}`;
    },
    () => time,
  );
  return { ask, made, before, later: (ms: number) => (time += ms) };
}

test('16: an answer is made once for all who ask while it holds', async () => {
  const { ask, made, before, later } = answering();
  expect(await Promise.all([ask('a'), ask('a')])).toEqual(['a 1', 'a 1']);
  later(1999);
  expect(await ask('a')).toBe('a 1');
  later(2);
  expect(await ask('a')).toBe('a 2');
  expect(made).toHaveLength(2);
  expect(before).toEqual([undefined, 'a 1']);
});

test('16: one is made at a time, whoever asks for what', async () => {
  const waiting: (() => void)[] = [];
  const { ask, made } = answering(() => new Promise<void>((resolve) => waiting.push(resolve)));
  const both = [ask('a'), ask('b')];
  await Bun.sleep(0);
  expect(made).toEqual(['a']);
  waiting.shift()?.();
  await both[0];
  await Bun.sleep(0);
  expect(made).toEqual(['a', 'b']);
  waiting.shift()?.();
  expect(await both[1]).toBe('b 2');
});

test('16: what took long holds a hundred times as long, half a minute at most', async () => {
  const slow = answering(async () => void slow.later(100));
  await slow.ask('a');
  slow.later(9999);
  expect(await slow.ask('a')).toBe('a 1');
  slow.later(2);
  expect(await slow.ask('a')).toBe('a 2');
  const slowest = answering(async () => void slowest.later(10_000));
  await slowest.ask('a');
  slowest.later(30_001);
  expect(await slowest.ask('a')).toBe('a 2');
});

test('16: one that fails is made again, and keeps nobody waiting', async () => {
  let broken = true;
  const { ask } = answering(async () => {
    if (broken) throw new Error('broken');
  });
  await expect(ask('a')).rejects.toThrow('broken');
  broken = false;
  expect(await ask('a')).toBe('a 2');
});

test('16: few answers are kept', async () => {
  const { ask, made } = answering();
  for (const key of ['a', 'b', 'c', 'd', 'e', 'a']) await ask(key);
  expect(made).toEqual(['a', 'b', 'c', 'd', 'e', 'a']);
});
