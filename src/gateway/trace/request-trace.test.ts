import { expect, test } from 'bun:test';
import { explainTrace } from './explain-text.ts';
import { addStep, createTraceBuffer, type RequestTrace, tracedLosses } from './request-trace.ts';

const at = Date.UTC(2026, 10, 23, 12);

function trace(id: string): RequestTrace {
  return {
    id,
    at,
    client: 'openai-chat',
    key: undefined,
    model: 'm',
    operation: 'generate',
    choice: undefined,
    steps: [],
    outcome: undefined,
  };
}

test('the newest traces are kept and the oldest go', () => {
  const buffer = createTraceBuffer(2);
  for (const id of ['a', 'b', 'c']) buffer.add(trace(id));
  expect([buffer.find('a'), buffer.find('b')?.id]).toEqual([undefined, 'b']);
  expect(buffer.latest(5).map(({ id }) => id)).toEqual(['c', 'b']);
  expect(buffer.running(5).map(({ id }) => id)).toEqual(['c', 'b']);
  buffer.add({ ...trace('d'), outcome: { status: 200, duration: 1, error: undefined } });
  expect(buffer.running(5).map(({ id }) => id)).toEqual(['c']);
  expect(buffer.running(0)).toEqual([]);
});

test('a trace tells people what there was, what was tried, what came back and who rests until when', () => {
  const text = explainTrace(
    {
      ...trace('req_1'),
      choice: {
        strategy: 'round-robin',
        candidates: 4,
        ready: 1,
        resting: 3,
        spared: 0,
        boundTo: 'work',
        passed: [
          {
            credential: 'home',
            model: 'm',
            why: 'quota',
            reason: 'Rate limit reached',
            until: at + 38_000,
            promised: at + 18 * 86_400_000,
          },
        ],
      },
      steps: [
        {
          kind: 'attempt',
          credential: 'work',
          provider: 'claude',
          model: 'm-1',
          startedAt: 2,
          duration: 40,
          trial: false,
          result: { status: 429, why: 'quota', reason: 'slow down', restsUntil: at + 7002 },
        },
        { kind: 'wait', at: 43, milliseconds: 1000 },
        {
          kind: 'attempt',
          credential: 'work',
          provider: 'claude',
          model: 'm-1',
          startedAt: 1043,
          duration: 80,
          trial: true,
          sentAgain: ['connection-gone'],
          result: 'answered',
        },
      ],
      outcome: { status: 200, duration: 1123, error: undefined },
    },
    at + 60_000,
  );
  expect(text).toBe(`request req_1
  2026-11-23T12:00:00.000Z, 1m ago: openai-chat, generate, model m
  candidates: 4 (1 ready, 3 cooling down), chosen by round-robin
  the conversation is bound to work
  passed over: home: quota until 12:00:38Z (in 38s; the provider's time is 2026-12-11T12:00:00.000Z): Rate limit reached
  passed over: 2 more
  +2 ms  work (claude, m-1): 429 quota after 40 ms: slow down; cooling down until 12:00:07Z (7s)
  +43 ms  no credential available: waited 1000 ms for the first cooldown to end
  +1043 ms  work (claude, m-1), on trial, sent again (connection-gone): answered after 80 ms
  answered with 200 after 1123 ms
`);
});

test('steps beyond what a trace may take are counted', () => {
  const long = trace('req_1');
  for (let step = 0; step < 1000; step++) addStep(long, { kind: 'round', at: step }, 64 * 1024);
  expect(long.steps.length).toBeGreaterThan(50);
  expect(long.steps.length + (long.leftOut ?? 0)).toBe(1000);
  expect(explainTrace(long, at)).toContain(`and ${1000 - long.steps.length} further steps (bounds.trace)`);
});

test('losses are kept to a bound, in number and in length', () => {
  const long = 'x'.repeat(1000);
  const losses = tracedLosses(
    Array.from({ length: 100 }, () => ({ kind: 'dropped', field: long, detail: long })),
  );
  expect([losses.length, losses[0]?.field.length, losses[0]?.detail?.length]).toEqual([32, 200, 200]);
  expect(tracedLosses([{ kind: 'hint', field: 'store' }])).toEqual([{ kind: 'hint', field: 'store' }]);
});
