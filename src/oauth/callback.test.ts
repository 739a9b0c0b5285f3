import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { type Callback, callbackFromParameters, parsePastedCallback } from './callback.ts';

const code = (code: string, state?: string): Callback => ({ kind: 'code', code, state });
const answered = code('4/0Ab_c-D', 'st-1');

const pastes: { what: string; text: string; callback: Callback | undefined }[] = [
  {
    what: 'the whole address',
    text: 'http://localhost:8085/cb?state=st-1&code=4/0Ab_c-D&scope=a+b',
    callback: answered,
  },
  {
    what: 'an address with an escaped code',
    text: 'http://localhost:8085/cb?code=4%2F0Ab_c-D&state=st-1',
    callback: answered,
  },
  {
    what: 'spaces and a line end around it',
    text: '  http://localhost/cb?code=4/0Ab_c-D&state=st-1 \r\n',
    callback: answered,
  },
  { what: 'quotes around it', text: '"http://localhost/cb?code=4/0Ab_c-D&state=st-1"', callback: answered },
  { what: 'brackets around it', text: '<http://localhost/cb?code=4/0Ab_c-D&state=st-1>', callback: answered },
  {
    what: 'an address without its scheme',
    text: 'localhost:8085/cb?code=4/0Ab_c-D&state=st-1',
    callback: answered,
  },
  { what: 'only the path', text: '/cb?code=4/0Ab_c-D&state=st-1', callback: answered },
  { what: 'only the query', text: '?code=4/0Ab_c-D&state=st-1', callback: answered },
  { what: 'bare parameters', text: 'code=4/0Ab_c-D&state=st-1', callback: answered },
  { what: 'a code parameter alone', text: 'code=4/0Ab_c-D', callback: code('4/0Ab_c-D') },
  {
    what: 'parameters in the fragment',
    text: 'https://example.com/done#code=4/0Ab_c-D&state=st-1',
    callback: answered,
  },
  { what: 'a bare fragment', text: '#state=st-1&code=4/0Ab_c-D', callback: answered },
  { what: "Claude's code#state", text: '4/0Ab_c-D#st-1', callback: answered },
  { what: 'code#state in the parameter', text: '?code=4/0Ab_c-D%23st-1', callback: answered },
  {
    what: 'a fragment that is the state',
    text: 'https://example.com/cb?code=4/0Ab_c-D#st-1',
    callback: answered,
  },
  {
    what: 'the empty fragment of some browsers',
    text: 'http://localhost/cb?code=4/0Ab_c-D&state=st-1#',
    callback: answered,
  },
  { what: 'the bare code', text: '4/0Ab_c-D', callback: code('4/0Ab_c-D') },
  { what: 'a bare code with padding', text: 'YWJjZGVmZw==', callback: code('YWJjZGVmZw==') },
  {
    what: 'an error',
    text: 'http://localhost/cb?error=access_denied&error_description=The+person+said+no&state=st-1',
    callback: { kind: 'error', error: 'access_denied', description: 'The person said no', state: 'st-1' },
  },
  {
    what: 'an error beside a code',
    text: '?error=server_error&code=4/0Ab_c-D',
    callback: { kind: 'error', error: 'server_error', description: undefined, state: undefined },
  },
  { what: 'nothing', text: '', callback: undefined },
  { what: 'a short word', text: 'help', callback: undefined },
  { what: 'a sentence', text: 'it does not work here', callback: undefined },
  { what: 'an address without an answer', text: 'http://localhost:8085/cb', callback: undefined },
  {
    what: 'an address with other parameters',
    text: 'https://example.com/authorize?client_id=1&state=st-1',
    callback: undefined,
  },
  { what: 'an empty code', text: '?code=&state=st-1', callback: undefined },
  { what: 'a state without a code', text: '?code=%23st-1', callback: undefined },
];

describe('a pasted line', () => {
  for (const { what, text, callback } of pastes)
    test(`${callback === undefined ? 'is of no use' : 'is understood'}: ${what}`, () => {
      expect(parsePastedCallback(text)).toEqual(callback);
    });

  test('any code and state survive the address that they come in', () => {
    const word = fc.stringMatching(/^[\w.~-]{1,60}$/);
    fc.assert(
      fc.property(
        word,
        word,
        fc.constantFrom('http://localhost:1/cb?', 'localhost/cb?', '?', '#', ''),
        (c, s, before) => {
          const line = before + new URLSearchParams({ code: c, state: s });
          expect(parsePastedCallback(line)).toEqual(code(c, s));
        },
      ),
    );
  });

  test('no line makes it throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void parsePastedCallback(text)));
  });
});

test('what the browser brings is read alike', () => {
  expect(callbackFromParameters(new URLSearchParams('code=abc%23st-2&state=st-1'))).toEqual(
    code('abc', 'st-2'),
  );
  expect(callbackFromParameters(new URLSearchParams('state=st-1'))).toBeUndefined();
});
