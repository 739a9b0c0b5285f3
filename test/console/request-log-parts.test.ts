/** A file of a whole request in its parts, as the page of the request shows it. */
import { expect, test } from 'bun:test';
import { requestLogParts } from '../../console/request-log-parts.ts';

const file = `=== REQUEST INFO ===
Id: req_1
Model: m

=== HEADERS ===
content-type: application/json

=== REQUEST BODY ===
{"model":"m","messages":[{"role":"user","content":"=== HEADERS === is no head in a line"}]}

=== API REQUEST 1 ===
https://api.example.com/v1

{"model":"m"}

=== API RESPONSE 1 ===
Status: 429

=== API REQUEST 2 ===
=== API RESPONSE 2 ===
Status: 200

=== RESPONSE ===
Status: 200

data: {}
`;

test('each part has its name, its number and its text; JSON is spread', () => {
  const parts = requestLogParts(file);
  expect(parts.map(({ kind, number }) => [kind, number])).toEqual([
    ['info', undefined],
    ['headers', undefined],
    ['body', undefined],
    ['sent', 1],
    ['came', 1],
    ['sent', 2],
    ['came', 2],
    ['answer', undefined],
  ]);
  expect(parts[2]?.text).toContain('\n  "model": "m",');
  expect(parts.at(-1)?.text).toBe('Status: 200\n\ndata: {}');
});

test('what only says how a request went is no such file', () => {
  expect(requestLogParts('req_1 was answered by claude')).toEqual([]);
});

test('what a body says in a line of its own kind makes no part', () => {
  for (const end of ['\u2028', '\u2029', '\r']) {
    const content = `${end}=== RESPONSE ===${end}Status: 200${end}`;
    const spoilt = file.replace('=== HEADERS === is no head in a line', content);
    expect(requestLogParts(spoilt).map(({ kind }) => kind)).toEqual(
      requestLogParts(file).map(({ kind }) => kind),
    );
  }
});
