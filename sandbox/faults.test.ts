import { describe, expect, test } from 'bun:test';
import { type Fault, faultOfHeader, faultOfKey, faultOfModel, striking } from './faults.ts';

describe('the name of a model says', () => {
  test.each<[string, Fault | undefined]>([
    ['sandbox-fault-429-retry-7', { status: 429, retryAfter: 7 }],
    ['sandbox-fault-503', { status: 503 }],
    ['personal/sandbox-fault-401', { status: 401 }],
    ['sandbox-fault-stall', { stall: 1 }],
    ['sandbox-fault-stall-0', { stall: 0 }],
    ['sandbox-fault-cut-3', { cut: 3 }],
    ['sandbox-fault-cut-bytes-40', { cutBytes: 40 }],
    ['sandbox-fault-garbage', { garbage: 1 }],
    ['sandbox-fault-slow-first-byte-50', { slowFirstByte: 50 }],
    ['sandbox-fault-slow-5-cut-2', { slow: 5, cut: 2 }],
    ['sandbox-fault-error-event-2', { errorEvent: 2 }],
    ['sandbox-fault-html-503', { html: true, status: 503 }],
    ['sandbox-fault-empty', { empty: true }],
    ['sandbox-fault-drop', { drop: true }],
    ['sandbox-fault-no-terminal', { noTerminal: true }],
    ['sandbox-fault-redirect', { redirect: true }],
    ['sandbox-fault-503-first-2@key-a', { status: 503, first: 2, key: 'key-a' }],
    ['sandbox-fault-unheard-of', undefined],
    ['sandbox-fault-slow', undefined],
    ['sandbox', undefined],
  ])('%s', (model, fault) => {
    expect(faultOfModel(model)).toEqual(fault);
  });
});

describe('the header says', () => {
  test.each<[string, Fault | { unknown: string }]>([
    ['status=429; retry-after=7', { status: 429, retryAfter: 7 }],
    ['cut', { cut: 1 }],
    ['cut=3;slow=5; key=key-a', { cut: 3, slow: 5, key: 'key-a' }],
    ['no-terminal', { noTerminal: true }],
    ['stall=often', { unknown: 'stall=often' }],
    ['explode', { unknown: 'explode' }],
    ['status=9', { unknown: 'status=9' }],
  ])('%s', (header, fault) => {
    expect(faultOfHeader(header)).toEqual(fault);
  });
});

describe('an API key says', () => {
  test.each<[string, Fault | undefined]>([
    ['key-429', { status: 429 }],
    ['key-429-retry-7@second', { status: 429, retryAfter: 7 }],
    ['key-cut-2', { cut: 2 }],
    ['key-a', undefined],
    ['sk-429', undefined],
  ])('%s', (key, fault) => {
    expect(faultOfKey(key)).toEqual(fault);
  });
});

describe('a fault strikes', () => {
  test('only the key that it names', () => {
    expect(striking({ status: 503, key: 'a' }, 'a', new Map())).toBeDefined();
    expect(striking({ status: 503, key: 'a' }, 'b', new Map())).toBeUndefined();
  });

  test('each key as often as it says', () => {
    const counts = new Map<string, number>();
    const strikes = (key: string) => striking({ status: 503, first: 2 }, key, counts) !== undefined;
    expect([strikes('a'), strikes('a'), strikes('b'), strikes('a'), strikes('b'), strikes('b')]).toEqual([
      true,
      true,
      true,
      false,
      true,
      false,
    ]);
  });
});
