import { expect, test } from 'bun:test';
import type { UnderlyingDefaultSource } from 'node:stream/web';
import type { Answer } from '../../gateway/answer.ts';
import type { JsonObject } from '../../protocols/json.ts';
import { tapResponse } from './answer-tap.ts';

const response = { id: 'resp_1', object: 'response', status: 'completed', output: [] };
const event = (type: string, more: object = {}) =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
const delta = event('response.output_text.delta', { delta: 'x' });
const end = event('response.completed', { response });
const bounds = { items: 3, values: 100 };
const encoder = new TextEncoder();

function streamed(chunks: readonly string[], more: UnderlyingDefaultSource<Uint8Array> = {}): Answer {
  const rest = [...chunks];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = rest.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(encoder.encode(next));
      },
      ...more,
    },
    { highWaterMark: 0 },
  );
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body };
}

async function tapped(answer: Answer): Promise<{ answer: Answer; heard: JsonObject[] }> {
  const heard: JsonObject[] = [];
  return {
    answer: await tapResponse(
      answer,
      (one) => void heard.push(one),
      (error) => {
        throw error;
      },
      bounds,
    ),
    heard,
  };
}

const textOf = ({ body }: Answer) => new Response(body).text();

test.each([
  { what: 'in a chunk of its own', chunks: [delta, end] },
  { what: 'with other events', chunks: [delta + delta + end] },
  { what: 'before keep-alives', chunks: [delta, end, ': keep-alive\n\n'] },
  { what: 'without a name', chunks: [delta, end.replace(/^event.*\n/, '')] },
  { what: 'without a blank line', chunks: [delta, end.trimEnd()] },
  { what: 'with carriage returns', chunks: [`${delta}${end}`.replaceAll('\n', '\r\n')] },
])('the response of a stream is heard once when it stands $what, and the bytes stay', async ({ chunks }) => {
  const { answer, heard } = await tapped(streamed(chunks));
  expect(heard).toEqual([]);
  expect(await textOf(answer)).toBe(chunks.join(''));
  expect(heard).toEqual([response]);
});

test.each([
  { what: 'a stream that broke off', answer: streamed([delta, delta]) },
  { what: 'an error behind the events', answer: streamed([delta, event('error', { message: 'x' })]) },
  { what: 'a stream of nothing', answer: streamed([]) },
  {
    what: 'an answer in the background',
    answer: { status: 200, headers: {}, body: JSON.stringify({ ...response, status: 'queued' }) },
  },
  { what: 'an error', answer: { status: 429, headers: {}, body: JSON.stringify(response) } },
  { what: 'something else', answer: { status: 200, headers: {}, body: '{"object":"list"}' } },
])('$what has no response', async ({ answer }) => {
  const { answer: same, heard } = await tapped(answer);
  await textOf(same);
  expect(heard).toEqual([]);
});

test('a whole answer is heard at once', async () => {
  const { heard } = await tapped({ status: 200, headers: {}, body: JSON.stringify(response) });
  expect(heard).toEqual([response]);
});

test('the end that the client sets reaches the source, and the break of the source reaches the client', async () => {
  let reason: unknown;
  const left = await tapped(
    streamed([delta, delta], {
      cancel: (given) => {
        reason = given;
      },
    }),
  );
  if (!(left.answer.body instanceof ReadableStream)) throw new Error('no stream');
  await left.answer.body.cancel('left');
  expect(reason).toBe('left');

  let pulls = 0;
  const broken = await tapped(
    streamed([], {
      pull(controller) {
        pulls += 1;
        if (pulls === 1) controller.enqueue(encoder.encode(delta));
        else controller.error(new Error('broke'));
      },
    }),
  );
  await expect(textOf(broken.answer)).rejects.toThrow('broke');
  expect([left.heard, broken.heard]).toEqual([[], []]);
});

test.each([
  { what: 'whole', answer: () => ({ status: 200, headers: {}, body: JSON.stringify(response) }) },
  { what: 'streamed', answer: () => streamed([delta, end]) },
])('H7: a store that throws over a $what answer breaks nothing of it', async ({ answer }) => {
  const problems: unknown[] = [];
  const full = new Error('the disk is full');
  const refuse = (): never => {
    throw full;
  };
  const untouched = await textOf(answer());
  expect(await textOf(await tapResponse(answer(), refuse, (error) => problems.push(error), bounds))).toBe(
    untouched,
  );
  expect(problems).toEqual([full]);
});

test('H7: a stream whose first read fails is an answer that breaks off, no answer that fails', async () => {
  const { answer } = await tapped(
    streamed([], {
      pull(controller) {
        controller.error(new Error('broke at once'));
      },
    }),
  );
  expect(answer.status).toBe(200);
  await expect(textOf(answer)).rejects.toThrow('broke at once');
});

test.each([
  ['values', { ...response, metadata: Array.from({ length: 200 }, (_, at) => `s${at}`) }],
  ['items', { ...response, output: Array.from({ length: 4 }, () => ({ type: 'message' })) }],
])('an answer of more %s than are read is a problem, and goes out as it is', async (_, body) => {
  const problems: string[] = [];
  const heard: JsonObject[] = [];
  const text = JSON.stringify(body);
  const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: text };
  const tapped = await tapResponse(
    answer,
    (one) => void heard.push(one),
    (error) => void problems.push(String(error)),
    bounds,
  );
  expect(await textOf(tapped)).toBe(text);
  expect(heard).toEqual([]);
  expect(problems.join()).toContain('bounds.answer-');
});
