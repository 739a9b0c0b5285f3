import { expect, test } from 'bun:test';
import { createLog } from './log.ts';
import { isLonger, shortLine } from './short-line.ts';

const bytes = (line: string) => Buffer.byteLength(line);

test('a JSON line stays JSON with all of its fields, in as many bytes as are allowed', () => {
  for (const long of ['x'.repeat(100_000), 'é"\n'.repeat(50_000), '😀'.repeat(50_000)]) {
    const line = `${JSON.stringify({ level: 'info', msg: 'm', error: long, losses: [{ field: long }], n: 1 })}\n`;
    const short = shortLine(line, 16_384);
    expect(bytes(short)).toBeLessThanOrEqual(16_384);
    expect(JSON.parse(short)).toMatchObject({ level: 'info', msg: 'm', n: 1 });
    expect(JSON.parse(short).error.endsWith('…')).toBe(true);
  }
});

test('a line of text is cut at its end', () => {
  const short = shortLine(`12:00 ${'é'.repeat(10_000)}\n`, 1000);
  expect(bytes(short)).toBeLessThanOrEqual(1000);
  expect(short.endsWith('é…\n')).toBe(true);
});

test('lines are measured in bytes', () => {
  expect(isLonger('é'.repeat(10), 20)).toBe(false);
  expect(isLonger('é'.repeat(11), 20)).toBe(true);
});

test.each(['json', 'pretty'] as const)('no line of the log is longer than it may be: %s', (format) => {
  const lines: string[] = [];
  const log = createLog({
    level: 'debug',
    format,
    longest: 2000,
    sink: { write: (text) => void lines.push(text) },
  });
  const long = 'x'.repeat(1_000_000);
  log.warn('upstream failed', { id: 'req_1', reason: long });
  log.debug(long);
  log.request({
    ...{
      id: 'req_1',
      client: 'gemini',
      key: undefined,
      served_model: undefined,
      model: long,
      provider: 'p',
      credential: 'c',
      attempts: 1,
      status: 200,
    },
    ...{ ttft: 1, duration: 1, input: 1, output: 1, loss: long, error: long },
  });
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(bytes(line)).toBeLessThanOrEqual(2000);
  log.configure({ level: 'debug', format });
  log.warn(long);
  expect(lines.at(-1)?.length).toBeGreaterThan(1_000_000);
});
