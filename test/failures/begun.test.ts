/** Every way in which a stream fails once it has begun: the client's own reader tells of an error, and of no finished answer. */
import { afterAll, describe, expect, test } from 'bun:test';
import { pairings } from '../clients/official.ts';
import { eventually } from '../eventually.ts';
import { ask, startPair } from './pair.ts';

const pair = await startPair({ 'disable-cooling': true, timeouts: { stall: '1s' } });
afterAll(() => pair[Symbol.asyncDispose]());
const streamed = pairings.filter(({ stream }) => stream);

const table = [
  { what: 'the connection is reset', fault: 'cut=8; slow=2', says: /broke off/ },
  { what: 'the connection is reset within an event', fault: 'cut-bytes=1200; slow=2', says: /broke off/ },
  { what: 'the stream ends without its terminal event', fault: 'no-terminal', says: /broke off/ },
  { what: 'the stream says that it failed', fault: 'error-event=8', says: /asked to fail/ },
  { what: 'a line is not JSON', fault: 'garbage=8', says: /JSON|broke off|malformed|parse|unreadable/i },
];

describe.each(table)('$what', ({ fault, says }) => {
  test.each(streamed)('$title: an error', async (pairing) => {
    expect(await ask(pair, pairing, fault)).toMatchObject({ message: expect.stringMatching(says) });
  });
});

test('nothing more comes: an error that names the limit, in every pairing, and the upstream is let go', async () => {
  const all = await Promise.all(streamed.map((pairing) => ask(pair, pairing, 'stall=8')));
  for (const seen of all) expect(seen).toMatchObject({ message: expect.stringContaining('timeouts.stall') });
  await eventually(() => pair.sandbox.openStreams === 0);
});

test('a stream that broke off is not asked for again: the client has a part of it', async () => {
  pair.sandbox.reset();
  for (const pairing of streamed) await ask(pair, pairing, 'no-terminal');
  expect(pair.sandbox.requests).toHaveLength(streamed.length);
});
