import { afterAll, expect, test } from 'bun:test';
import fc from 'fast-check';
import { target } from './target.ts';
import { stopTargets, targets } from './targets.ts';

const seed = 20_261_129;
afterAll(stopTargets);

test.each(targets.map(({ name, ...rest }) => [name, rest] as const))(
  'the first hostile inputs do no harm: %s',
  async (_, { run, short }) => {
    const { inputs, failure } = await run({ seed, inputs: short });
    expect(failure).toBeUndefined();
    expect(inputs).toBe(short);
  },
);

test('an input that fails is told as small as it can be', async () => {
  const careless = target('careless', fc.string({ maxLength: 50 }), (text) => {
    if (text.includes('a')) throw new Error('an a');
  });
  const { failure } = await careless.run({ seed, inputs: 1000 });
  expect(failure?.input).toBe('a');
  expect(failure?.reason).toContain('an a');
});

test('the same seed gives the same inputs', async () => {
  const inputsOf = async (): Promise<string[]> => {
    const inputs: string[] = [];
    await targets[0]?.run({ seed, inputs: 5, record: (input) => inputs.push(input) });
    return inputs;
  };
  expect(await inputsOf()).toEqual(await inputsOf());
});
