import { expect, test } from 'bun:test';
import { answerHead, headerIn, headersIn } from './answer-head.ts';

const head = (text: string) => answerHead(text.replaceAll('\n', '\r\n'));

test('status, version and the headers that frame the body are read, in any case and with any space', () => {
  const found = head(
    'HTTP/1.1 429 Too Many Requests\nContent-LENGTH:  12 \nconnection:close\nX-Other: a: b\n\n',
  );
  expect(found).toMatchObject({ status: 429, old: false });
  expect(found?.framing).toEqual({
    'content-length': '12',
    'transfer-encoding': undefined,
    'content-encoding': undefined,
    connection: 'close',
    'keep-alive': undefined,
  });
  expect(head('HTTP/1.0 200\nServer: x\n\n')).toMatchObject({ status: 200, old: true });
});

test('what is no answer of HTTP/1 is none', () => {
  for (const text of ['', 'HTTP/2 200 OK\n\n', 'SSH-2.0-OpenSSH_9.2\n', '<html>\n', 'HTTP/1.1 20\n\n'])
    expect(head(text)).toBeUndefined();
});

test('headers of one name are a list; a name inside of another or of a value is not taken for it', () => {
  const lines = 'Retry-After-Ms: 5\r\nWarning: retry-after: 9\r\nretry-after: 1\r\nRetry-After: 2\r\n';
  expect(headerIn(lines, 'retry-after')).toBe('1, 2');
  expect(headerIn(lines, 'after')).toBeUndefined();
  expect(headersIn(lines).get('retry-after')).toBe('1, 2');
  expect(headersIn('no header\r\n: empty\r\nbad name: x\r\ngood: y\r\n').get('good')).toBe('y');
});
