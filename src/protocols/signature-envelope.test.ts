import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { SignatureFamily } from './model.ts';
import { unwrapId, unwrapSignature, wrapId, wrapSignature } from './signature-envelope.ts';

const families: SignatureFamily[] = ['anthropic', 'openai', 'gemini', 'chat'];
const family = fc.constantFrom(...families);

test('any signature comes back from any client as the family and value that went in', () => {
  fc.assert(
    fc.property(family, family, fc.string({ unit: 'grapheme' }), (made, native, value) => {
      fc.pre(!value.startsWith('cpasig1'));
      const signature = { family: made, value };
      expect(unwrapSignature(wrapSignature(signature, native), native)).toEqual(signature);
    }),
  );
});

test('a native signature is not touched', () => {
  expect(wrapSignature({ family: 'anthropic', value: 'EqoB+/=' }, 'anthropic')).toBe('EqoB+/=');
});

test('a sealed signature is base64url text, as signature fields demand', () => {
  expect(wrapSignature({ family: 'openai', value: 'gAAAA+/=ü' }, 'gemini')).toMatch(/^[A-Za-z0-9_-]+$/);
});

test('a call id carries a signature and gives it back', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^call_[a-z0-9]{1,20}$/), family, fc.string(), (id, made, value) => {
      const signature = { family: made, value };
      expect(unwrapId(wrapId(id, signature))).toEqual({ id, signature });
    }),
  );
});

test('an id without a signature stays as it is', () => {
  expect(wrapId('call_1', undefined)).toBe('call_1');
  expect(unwrapId('call_1')).toEqual({ id: 'call_1' });
  expect(unwrapId('call_1__cpasig1z!!')).toEqual({ id: 'call_1__cpasig1z!!' });
});
