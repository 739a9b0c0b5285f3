import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { arbitraryResponse } from '../../test/model-arbitraries.ts';
import type { Response } from './answer.ts';
import { foldEvents, unfoldResponse } from './fold.ts';

test('unfolding an answer into events and folding them again changes nothing', () => {
  fc.assert(
    fc.property(arbitraryResponse(), (response) => {
      const fold = foldEvents();
      unfoldResponse(response, fold.push);
      expect(fold.result()).toEqual(response);
    }),
  );
});

test('a stream without its terminal event folds to an error, not to an answer', () => {
  const fold = foldEvents();
  fold.push({ type: 'start', id: 'x', model: 'm' });
  fold.push({ type: 'part-start', index: 0, part: { type: 'text', text: '' } });
  fold.push({ type: 'delta', index: 0, text: 'half an ans' });
  expect(fold.result()).toMatchObject({ status: 502, code: 'stream_cut' });
});

test('further answers and log probabilities come through a stream', () => {
  const answer: Response = {
    id: 'a',
    model: 'm',
    parts: [{ type: 'text', text: 'Hello', logprobs: [{ token: 'Hello', logprob: -0.1 }] }],
    finish: { reason: 'stop' },
    others: [{ parts: [{ type: 'text', text: 'Good day' }], finish: { reason: 'length' } }],
  };
  const fold = foldEvents();
  unfoldResponse(answer, fold.push);
  expect(fold.result()).toEqual(answer);
});
