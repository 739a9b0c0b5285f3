import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { toolNames, wireCallId } from './tool-names.ts';

const rule = { maxLength: 64, forbidden: /[^a-zA-Z0-9_-]/g, first: /[a-zA-Z_]/ };

test('every name becomes one that the rule accepts, and comes back', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 200 }), { maxLength: 8 }), (list) => {
      const names = toolNames(
        list.map((name) => ({ type: 'function', name })),
        rule,
      );
      for (const name of list) {
        const wire = names.toWire(name);
        expect(wire).toMatch(/^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/);
        expect(names.fromWire(wire)).toBe(name);
      }
    }),
  );
});

test('names that are accepted as they are do not change', () => {
  expect(toolNames([{ type: 'function', name: 'mcp__files__read' }], rule).toWire('mcp__files__read')).toBe(
    'mcp__files__read',
  );
});

test('call ids keep to characters and length, and stay apart', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (a, b) => {
      expect(wireCallId(a, 40)).toMatch(/^[a-zA-Z0-9_-]{1,40}$/);
      if (a !== b) expect(wireCallId(a, 40)).not.toBe(wireCallId(b, 40));
    }),
  );
});
