import { expect, test } from 'bun:test';
import { createLog, type LogOptions, type RequestRecord } from './log.ts';

const record: RequestRecord = {
  id: 'req-1',
  client: 'openai-chat',
  key: 'laptop',
  model: 'm',
  served_model: undefined,
  provider: 'local',
  credential: 'local (…1234)',
  attempts: 1,
  status: 200,
  ttft: 3,
  duration: 5,
  input: 7,
  output: 9,
  loss: undefined,
  error: undefined,
};

/** A log at a fixed time, and all that it wrote, line by line and without colours. */
function written(options: Pick<LogOptions, 'level' | 'format'>) {
  let text = '';
  const log = createLog({
    ...options,
    sink: {
      write: (more) => {
        text += more;
      },
    },
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  });
  return { log, lines: () => Bun.stripANSI(text).split('\n').slice(0, -1) };
}

const time = '2026-01-02T03:04:05.006Z';

test('JSON: level, time and msg, then the fields; a request is a line of the same kind', () => {
  const { log, lines } = written({ level: 'info', format: 'json' });
  log.warn('careful', { file: 'a.json' });
  log.request(record);
  expect(lines().map((line) => JSON.parse(line))).toEqual([
    { level: 'warn', time, msg: 'careful', file: 'a.json' },
    // What is not known is left out.
    JSON.parse(JSON.stringify({ level: 'info', time, msg: 'request', ...record })),
  ]);
});

test('pretty: the same for people', () => {
  const { log, lines } = written({ level: 'info', format: 'pretty' });
  log.warn('careful', { file: 'a.json' });
  log.request(record);
  expect(lines()).toEqual([
    '03:04:05.006Z warn  careful file=a.json',
    '03:04:05.006Z 200 openai-chat laptop m via local (…1234) first 3 ms 5 ms 7→9 tokens req-1',
  ]);
});

test('first-hour 6: a request line has the key, the provider, the real model and UTC marked', () => {
  const aliased = {
    ...record,
    model: 'fast',
    served_model: 'gpt-5.6',
    provider: 'codex',
    credential: 'ada@example.com',
  };
  const json = written({ level: 'info', format: 'json' });
  json.log.request(aliased);
  expect(JSON.parse(json.lines()[0] ?? '')).toMatchObject({
    ...{ time, key: 'laptop', model: 'fast', served_model: 'gpt-5.6', provider: 'codex' },
  });
  const pretty = written({ level: 'info', format: 'pretty' });
  pretty.log.request(aliased);
  expect(pretty.lines()).toEqual([
    '03:04:05.006Z 200 openai-chat laptop fast as gpt-5.6 via codex ada@example.com first 3 ms 5 ms 7→9 tokens req-1',
  ]);
});

test('debug lines begin and end with the level, and callers are told whether to make them', () => {
  const { log, lines } = written({ level: 'info', format: 'json' });
  const told = () => lines().map((line): string => JSON.parse(line).msg);
  log.debug('before');
  expect(log.debugging).toBe(false);

  log.configure({ level: 'debug', format: 'json' });
  log.debug('during');
  expect(log.debugging).toBe(true);

  log.configure({ level: 'info', format: 'json' });
  log.debug('after');
  log.info('still there');
  expect(log.debugging).toBe(false);
  expect(told()).toEqual(['during', 'still there']);
});

test('another format holds from the next line on, for requests and for all other lines', () => {
  const { log, lines } = written({ level: 'info', format: 'json' });
  const both = () => {
    log.info('said');
    log.request(record);
  };
  both();
  log.configure({ level: 'info', format: 'pretty' });
  both();
  log.configure({ level: 'info', format: 'json' });
  both();
  expect(lines().map((line) => (line.startsWith('{') ? JSON.parse(line).msg : line.slice(14)))).toEqual([
    'said',
    'request',
    'info  said',
    '200 openai-chat laptop m via local (…1234) first 3 ms 5 ms 7→9 tokens req-1',
    'said',
    'request',
  ]);
});

test('a silent log writes nothing until it is given a level', () => {
  const { log, lines } = written({ level: 'silent', format: 'json' });
  log.error('unheard');
  log.request(record);
  log.configure({ level: 'info', format: 'json' });
  log.error('heard');
  expect(lines().map((line) => JSON.parse(line).msg)).toEqual(['heard']);
});
