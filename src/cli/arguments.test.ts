import { describe, expect, test } from 'bun:test';
import { type Options, parseArguments, parsePort } from './arguments.ts';
import { Failure } from './failure.ts';

const options = {
  config: { type: 'string', value: 'FILE', meaning: 'Where the config is' },
  port: { type: 'string', value: 'N', meaning: 'Port' },
  json: { type: 'boolean', meaning: 'Print JSON' },
} as const satisfies Options;

/** What `work` throws, which must be a Failure. */
function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

const understood: { args: string[]; values: object; why: string }[] = [
  { args: [], values: {}, why: 'nothing asked' },
  {
    args: ['--config', 'a.yaml', '--port', '80'],
    values: { config: 'a.yaml', port: '80' },
    why: 'values apart',
  },
  { args: ['--config=a=b.yaml'], values: { config: 'a=b.yaml' }, why: 'a value after an equals sign' },
  { args: ['-config', 'a.yaml'], values: { config: 'a.yaml' }, why: 'one dash, as the peer takes it' },
  { args: ['-port=80', '-json'], values: { port: '80', json: true }, why: 'one dash with an equals sign' },
  { args: ['--config=-odd-name'], values: { config: '-odd-name' }, why: 'a dash where it is surely meant' },
];
test.each(understood)('$why: $args', ({ args, values }) => {
  expect({ ...parseArguments(args, options).values }).toEqual(values);
});

const refused: { args: string[]; message: string; hint?: string }[] = [
  { args: ['--confg', 'x'], message: 'unknown option --confg', hint: 'Did you mean --config?' },
  { args: ['-prot', '80'], message: 'unknown option --prot', hint: 'Did you mean --port?' },
  { args: ['--colour-of-the-sky'], message: 'unknown option --colour-of-the-sky' },
  { args: ['--config'], message: '--config needs a value: --config FILE' },
  { args: ['--config='], message: '--config needs a value: --config FILE' },
  { args: ['--config', '--port', '80'], message: '--config needs a value: --config FILE' },
  ...['-5d', '--5d', '-7'].map((word) => ({
    args: [word],
    message: `"${word}" begins with a dash, as options do`,
    hint: `Numbers and times are written without it: ${word.replace(/^-+/, '')}`,
  })),
  {
    args: ['--config', '-5d'],
    message: '"-5d" begins with a dash, as options do',
    hint: 'Numbers and times are written without it: 5d',
  },
  { args: ['--json=yes'], message: '--json takes no value' },
  { args: ['extra'], message: 'unexpected argument "extra"' },
];
test.each(refused)('$args is a usage error: $message', ({ args, message, hint }) => {
  const failure = failureOf(() => parseArguments(args, options));
  expect(failure).toMatchObject({ ending: 'usage', message, hint });
});

describe('ports', () => {
  test.each([
    ['0', 0],
    ['8317', 8317],
    ['65535', 65_535],
  ])('%s is a port', (text, port) => {
    expect(parsePort(text)).toBe(port);
  });

  test.each(['65536', '-1', '80.5', 'http', '', '0x50', '1e3'])(
    '"%s" is none, and the error says what is',
    (text) => {
      expect(failureOf(() => parsePort(text))).toMatchObject({
        ending: 'usage',
        message: `--port must be a number from 0 (any free port) to 65535, found "${text}"`,
      });
    },
  );
});
