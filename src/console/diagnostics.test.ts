import { expect, test } from 'bun:test';
import { homedir } from 'node:os';
import { withoutPeople } from './diagnostics.ts';

test('of an e-mail address only its domain is left, of a home directory nothing', () => {
  const text = `claude/ada.l+x@sandbox.example in ${homedir()}/.cli-proxy-api, bob@example.co.uk`;
  expect(withoutPeople(text)).toBe('claude/…@sandbox.example in ~/.cli-proxy-api, …@example.co.uk');
});

test('what is no address stays: models, npm scopes, a lone @', () => {
  const text = '{"model":"gpt-5@2026","pkg":"@scope/name","at":"a @ b"}';
  expect(withoutPeople(text)).toBe(text);
});
