import { expect, test } from 'bun:test';
import { atOnce } from '../ground/steps.ts';
import { type ReadRequest, readRequest } from './read-request.ts';

function readOf(text: string): ReadRequest {
  const body = new TextEncoder().encode(text);
  const ask = { protocol: 'openai-responses', operation: 'generate', model: 'm', stream: false } as const;
  return readRequest({ ...ask, modelSpan: undefined, body });
}

function thrown(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

test('what is wrong with a body is found once, however many ask', () => {
  const read = readOf('{"input":');
  const refusal = thrown(() => atOnce(read.parsing()));
  expect(refusal).toBeInstanceOf(Error);
  for (const run of [() => atOnce(read.parsing()), read.json, read.canonical])
    expect(thrown(run)).toBe(refusal);
});

test('what is wrong with what it says is found once, and leaves its JSON', () => {
  const read = readOf('{"input":3}');
  const refusal = thrown(read.canonical);
  expect(refusal).toBeInstanceOf(Error);
  expect(thrown(read.canonical)).toBe(refusal);
  expect(read.json()).toEqual({ input: 3 });
});
