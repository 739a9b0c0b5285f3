import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { attemptSpanId, onwardHeaders, traceContext } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';
const valid = `00-${traceId}-${parentId}-01`;

const malformed = [
  ...['', '00', '00-', 'nonsense', `${traceId}-${parentId}-01`, `00-${traceId}-${parentId}`],
  ...[`00-${traceId}-${parentId}-`, `00-${traceId}-${parentId}-1`, `00-${traceId}-${parentId}-001`],
  ...[`00-${traceId}-${parentId}-0g`, `00-${traceId}-${parentId}-01-more`, `00-${traceId}-${parentId}-01-`],
  ...[`cc-${traceId}-${parentId}-01.more`, `ff-${traceId}-${parentId}-01`, `0-${traceId}-${parentId}-01`],
  ...[`01-${'0'.repeat(32)}-${parentId}-01`, `CC-${traceId}-${parentId}-01`, `.0-${traceId}-${parentId}-01`],
  ...[`000-${traceId}-${parentId}-01`, `xx-${traceId}-${parentId}-01`, `-${traceId}-${parentId}-01`],
  ...[`00-${traceId.toUpperCase()}-${parentId}-01`, `00-${traceId}-${parentId.toUpperCase()}-01`],
  ...[`00-${traceId.slice(1)}-${parentId}-01`, `00-${traceId}0-${parentId}-01`, `00--${parentId}-01`],
  ...[`00-${traceId}-${parentId.slice(1)}-01`, `00-${traceId}-${parentId}0-01`, `00-${traceId}--01`],
  ...[`00-${'0'.repeat(32)}-${parentId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`],
  ...[`00-${'g'.repeat(32)}-${parentId}-01`, `00-${traceId}-${'z'.repeat(16)}-01`],
  ...[`00_${traceId}_${parentId}_01`, `00 ${traceId} ${parentId} 01`, `00-${traceId} -${parentId}-01`],
  ...[`"${valid}"`, `${valid}, ${valid}`, `${valid};q=1`, `0x-${traceId}-${parentId}-01`],
  ...[`00-${traceId}-${parentId}-A1`, `00-${'é'.repeat(32)}-${parentId}-01`, 'a'.repeat(10_000)],
  ...['../../etc/passwd', '{"traceparent":1}', '00-\u00a0-\u00a0-01'],
];

test('traceparent: 40 malformed values begin a trace of their own', () => {
  expect(malformed.length).toBeGreaterThanOrEqual(40);
  for (const text of malformed) {
    const context = traceContext(new Headers([['traceparent', text]]));
    expect([text, context.parent]).toEqual([text, undefined]);
    expect(context.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(context.traceId).not.toBe(traceId);
  }
});

test('a valid traceparent is taken over, with its decision and its state', () => {
  expect(traceContext(new Headers({ traceparent: valid, tracestate: 'vendor=1' }))).toMatchObject({
    traceId,
    parent: { spanId: parentId, sampled: true },
    state: 'vendor=1',
  });
  const unsampled = traceContext(new Headers({ traceparent: valid.replace(/01$/, '02') }));
  expect(unsampled.parent?.sampled).toBe(false);
});

// As the test suite of the W3C has it: github.com/w3c/trace-context, test_traceparent_version_0xcc, test_traceparent_ows_handling.
test.each([
  `cc-${traceId}-${parentId}-01`,
  `cc-${traceId}-${parentId}-01-what-the-future-will-be-like`,
  `01-${traceId}-${parentId}-01-`,
  `\t ${valid} \t`,
])('a traceparent of a later version, or with spaces around it, is taken over: %j', (traceparent) => {
  const context = traceContext(new Headers({ traceparent }));
  expect([context.traceId, context.parent]).toEqual([traceId, { spanId: parentId, sampled: true }]);
  expect(onwardHeaders(context, 0, true).traceparent).toStartWith(`00-${traceId}-`);
});

test('a tracestate that is too long is dropped, and the trace goes on', () => {
  const context = traceContext(new Headers({ traceparent: valid, tracestate: `a=${'1'.repeat(512)}` }));
  expect([context.traceId, context.state]).toEqual([traceId, undefined]);
});

test('ids of attempts are valid, and no two of a request are the same', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (id) => {
      const spanId = id.toString(16).padStart(16, '0');
      const ids = Array.from({ length: 64 }, (_, attempt) => attemptSpanId(spanId, attempt));
      expect(new Set([spanId, ...ids]).size).toBeGreaterThanOrEqual(64);
      for (const one of ids) expect(one).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
    }),
  );
});

test('what is given on names the attempt as the parent', () => {
  const context = traceContext(new Headers({ traceparent: valid, tracestate: 'vendor=1' }));
  expect(onwardHeaders(context, 1, true)).toEqual({
    traceparent: `00-${traceId}-${attemptSpanId(context.spanId, 1)}-01`,
    tracestate: 'vendor=1',
  });
});

test.each([
  ['two members', 'a=1,b=2', true],
  ['a tenant of a system', 'fw529a3039@dt=FfffffffX', true],
  ['empty members and spaces between', 'a=1, ,b=2,', true],
  ['tabs between', 'foo=1 \t , \t bar=2, \t baz=3', true],
  ['a name of 256 characters', `foo=1,${'z'.repeat(256)}=1`, true],
  ['a name of 257 characters', `foo=1,${'z'.repeat(257)}=1`, false],
  ['a tenant and a system as long as they may be', `foo=1,${'t'.repeat(241)}@${'v'.repeat(14)}=1`, true],
  ['a tenant that is too long', `foo=1,${'t'.repeat(242)}@v=1`, false],
  ['a system that is too long', `foo=1,t@${'v'.repeat(15)}=1`, false],
  ['a system without a name', 'foo@=1,bar=2', false],
  ['a tenant without a name', '@foo=1,bar=2', false],
  ['two systems', 'foo@bar@baz=1,bar=2', false],
  ['a space behind a name', 'foo =1', false],
  ['a dot in a name', 'foo.bar=1', false],
  ['a name twice', 'a=1,a=2', false],
  ['a name with capitals', 'Vendor=1', false],
  ['no value', 'a=', false],
  ['no member', 'anything at all', false],
  ['an equals sign in a value', 'a=1=2', false],
  ['more members than 32', Array.from({ length: 33 }, (_, at) => `a${at}=1`).join(','), false],
  ['nothing', ' , ', false],
])('a tracestate of %s is passed on whole or not at all', (_name, tracestate, passed) => {
  const { state } = traceContext(new Headers({ traceparent: valid, tracestate }));
  expect(state).toBe(passed ? tracestate.trim() : undefined);
});
