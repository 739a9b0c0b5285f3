/** Every way in which a credential fails before it has said anything: its neighbour answers, and the client takes no notice. */
import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { pairings } from '../clients/official.ts';
import { eventually } from '../eventually.ts';
import { ask, startPair } from './pair.ts';

const pair = await startPair(
  // Every request begins with the credential that failed before.
  { 'disable-cooling': true },
  // Its neighbour may take its time on a busy machine.
  { timeouts: { 'first-byte': '250ms', stall: '250ms', whole: '250ms' } },
);
afterAll(() => pair[Symbol.asyncDispose]());
beforeEach(() => pair.sandbox.reset());

interface Row {
  what: string;
  fault: string;
  /** Where it makes no sense for both. */
  only?: 'streams' | 'whole answers';
}

const table: Row[] = [
  { what: '429 with Retry-After', fault: 'status=429; retry-after=7' },
  { what: '429 without Retry-After', fault: 'status=429' },
  { what: '401', fault: 'status=401' },
  { what: '403', fault: 'status=403' },
  { what: '404', fault: 'status=404' },
  { what: '408', fault: 'status=408' },
  { what: '500', fault: 'status=500' },
  { what: '502 with a page of HTML', fault: 'html' },
  { what: '200 with a page of HTML', fault: 'html; status=200' },
  { what: '503', fault: 'status=503' },
  { what: '529', fault: 'status=529' },
  { what: 'a redirect', fault: 'redirect' },
  { what: 'a connection that closes without an answer', fault: 'drop' },
  { what: '200 and no body', fault: 'empty' },
  { what: 'half an answer, and the connection is reset', fault: 'cut', only: 'whole answers' },
  { what: 'half an answer, and its end', fault: 'no-terminal', only: 'whole answers' },
  { what: 'an event cut after ten bytes', fault: 'cut-bytes=10' },
  { what: 'an error instead of the first event', fault: 'error-event=0' },
  { what: 'a broken line instead of the first event', fault: 'garbage=0' },
];

describe.each(table)('$what', ({ fault, only }) => {
  const fitting = pairings.filter(({ stream }) => only === undefined || stream === (only === 'streams'));
  test.each(fitting)('$title: the next credential answers', async (pairing) => {
    const seen = await ask(pair, pairing, `${fault}; key=first-key`);
    expect(seen).toMatchObject({ told: { text: words(12), finish: 'stop' } });
    const keys = pair.sandbox.requests.map(({ key }) => key);
    expect(keys).toEqual(['first-key', 'second-key']);
  });
});

const silent: Row[] = [
  { what: 'no first byte', fault: 'slow-first-byte=60000' },
  { what: 'headers and nothing behind them', fault: 'stall=0', only: 'streams' },
  { what: 'half an answer and nothing behind it', fault: 'stall', only: 'whole answers' },
];

test.each(silent)('$what: the next credential answers, in every pairing', async ({ fault, only }) => {
  const fitting = pairings.filter(({ stream }) => only === undefined || stream === (only === 'streams'));
  const all = await Promise.all(fitting.map((pairing) => ask(pair, pairing, `${fault}; key=first-key`)));
  for (const seen of all) expect(seen).toMatchObject({ told: { text: words(12), finish: 'stop' } });
  await eventually(() => pair.sandbox.openStreams === 0);
  for (const key of ['first-key', 'second-key'])
    expect(pair.sandbox.requests.filter((request) => request.key === key)).toHaveLength(fitting.length);
});

test('a slow upstream is not a silent one', async () => {
  for (const pairing of pairings.filter(({ stream }) => stream))
    expect(await ask(pair, pairing, 'slow=3; key=first-key')).toMatchObject({ told: { text: words(12) } });
  expect(new Set(pair.sandbox.requests.map(({ key }) => key))).toEqual(new Set(['first-key']));
});

function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(' ');
}
