import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { headerIn } from './answer-head.ts';
import { requestHead } from './request-head.ts';

test('a request line, the host, the headers as they are, and the length of the body', () => {
  expect(requestHead('POST', 'example.com:81', '/v1/x?y=1', { accept: '*/*', 'x-empty': '' }, 12)).toBe(
    'POST /v1/x?y=1 HTTP/1.1\r\nhost: example.com:81\r\naccept: */*\r\nx-empty: \r\ncontent-length: 12\r\n\r\n',
  );
});

test('a host of one’s own stands instead; how the message is sent is not for callers to say', () => {
  const own = { host: 'other', 'content-length': '5', 'transfer-encoding': 'chunked', connection: 'close' };
  expect(requestHead('POST', 'example.com', '/', own, 1)).toBe(
    'POST / HTTP/1.1\r\nhost: other\r\ncontent-length: 1\r\n\r\n',
  );
});

test('no value ends its line: it comes out as it went in, or is refused by the header’s name', () => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 0x2ff }).map((code) => String.fromCharCode(code)),
  });
  fc.assert(
    fc.property(text, (value) => {
      let head: string;
      try {
        head = requestHead('POST', 'h', '/', { 'x-value': value }, 0);
      } catch (error) {
        expect(String(error)).toContain("'x-value'");
        return;
      }
      expect(head.split('\r\n')).toHaveLength(6);
      expect(headerIn(head, 'x-value')).toBe(value.trim());
    }),
  );
});

test('space and line ends around a value do not belong to it', () => {
  expect(requestHead('POST', 'h', '/', { authorization: ' Bearer key\r\n' }, 0)).toContain(
    'authorization: Bearer key\r\n',
  );
});

test.each(['bad name', 'a:b', '', 'x\r\ny', 'Upper'])(
  'a name that is none, or not in lower case, is refused: %p',
  (name) => {
    expect(() => requestHead('POST', 'h', '/', { [name]: 'x' }, 0)).toThrow(TypeError);
  },
);
