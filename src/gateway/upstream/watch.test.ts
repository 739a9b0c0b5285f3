import { describe, expect, test } from 'bun:test';
import { fakeClock } from '../../../test/fake-clock.ts';
import { configOf } from '../../../test/gateway-harness.ts';
import { openaiCompatible } from '../../providers/openai.ts';
import type { ChunkReader } from '../answer.ts';
import { type CallLimits, callLimits, watchUpstream } from './watch.ts';

const limits: CallLimits = {
  connect: 0,
  firstByte: 300_000,
  stall: 60_000,
  whole: 900_000,
  beat: 15_000,
  line: 1000,
};

/** A watched stream whose pieces come when the test says. */
function watched({ stream = true, own = {} }: { stream?: boolean; own?: Partial<CallLimits> } = {}) {
  const time = fakeClock();
  const client = new AbortController();
  const watch = watchUpstream({ ...limits, ...own }, stream, client.signal, time.timers, time);
  let give: (text: string) => void = () => {};
  const source: ChunkReader = {
    read: () =>
      new Promise((resolve) => {
        give = (text) => resolve({ done: false, value: new TextEncoder().encode(text) });
      }),
    cancel: async () => {},
  };
  const reader = watch.reading(source);
  return {
    ...time,
    client,
    watch,
    reader,
    /** Reads; the piece comes after so many ms. */
    async read(text: string, after: number) {
      const reading = reader.read();
      time.pass(after);
      give(text);
      await reading;
    },
  };
}

const event = 'data: {}\n\n';

test('a stream that does not begin is ended when timeouts.first-byte has passed, and not before', () => {
  const { watch, reader, pass } = watched();
  void reader.read();
  pass(299_000);
  expect(watch.cancelled).toBeUndefined();
  pass(1100);
  expect(watch.cancelled).toBeDefined();
  expect(watch.passed).toContain('timeouts.first-byte');
});

test('comments of the upstream are no beginning, and no next event', async () => {
  const { watch, reader, read, pass } = watched();
  for (let i = 0; i < 29; i++) await read(': PROCESSING\n\n', 10_000);
  expect(watch.passed).toBeUndefined();
  await read(event, 9000);
  for (let i = 0; i < 5; i++) await read(': PROCESSING\n\n', 10_000);
  void reader.read();
  pass(9000);
  expect(watch.passed).toBeUndefined();
  pass(1100);
  expect(watch.passed).toContain('timeouts.stall');
});

test('each event starts timeouts.stall anew', async () => {
  const { watch, read } = watched();
  for (let i = 0; i < 100; i++) await read(event, 59_000);
  expect(watch.passed).toBeUndefined();
});

test('time in which the client does not read is not the upstream’s', async () => {
  const { watch, read, pass } = watched();
  await read(event, 10);
  pass(3_600_000);
  await read(event, 10);
  expect(watch.passed).toBeUndefined();
});

test('a silent stream has a keep-alive each fifteen seconds, and only while it is silent', async () => {
  const { reader, read, pass } = watched();
  let beats = 0;
  await read(event, 10);
  reader.whenSilent?.(() => (beats += 1));
  for (let i = 0; i < 10; i++) await read(event, 14_000);
  expect(beats).toBe(0);
  pass(60_000);
  expect(beats).toBe(0);
  await read(event, 50_000);
  expect(beats).toBe(3);
});

test('an answer that does not stream has timeouts.whole', () => {
  const { watch, pass } = watched({ stream: false });
  pass(899_000);
  expect(watch.passed).toBeUndefined();
  pass(1100);
  expect(watch.passed).toContain('timeouts.whole');
});

test('0 is no limit', async () => {
  const { watch, reader, read, pass } = watched({ own: { firstByte: 0, stall: 0 } });
  await read(event, 86_400_000);
  void reader.read();
  pass(86_400_000);
  expect(watch.passed).toBeUndefined();
});

test('a client that leaves ends the call in the same tick; a call that has ended leaves nothing behind', () => {
  const leaving = watched();
  leaving.client.abort();
  expect(leaving.watch.cancelled).toBeDefined();
  expect(leaving.watch.passed).toBeUndefined();
  const ended = watched();
  ended.watch.end();
  ended.client.abort();
  ended.pass(600_000);
  expect(ended.watch.cancelled).toBeUndefined();
  expect(ended.scheduled()).toBe(0);
});

describe('whose limits hold', () => {
  const config = configOf({
    timeouts: { stall: '10s', providers: { 'openai-compatibility': { stall: '20s', whole: '1m' } } },
    streaming: { 'keepalive-seconds': 5 },
  });
  test.each([
    [
      'those of all',
      { ...openaiCompatible, name: 'claude' as const },
      undefined,
      { stall: 10_000, whole: 900_000 },
    ],
    ['the provider’s', openaiCompatible, undefined, { stall: 20_000, whole: 60_000 }],
    ['the credential’s', openaiCompatible, { stall: 0 }, { stall: 0, whole: 60_000 }],
  ])('%s', (_whose, provider, timeouts, expected) => {
    expect(callLimits(config)({ provider, timeouts })).toMatchObject({ ...expected, beat: 5000 });
  });
});
