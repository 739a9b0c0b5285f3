import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { AccountFacts } from '../providers/account-provider.ts';
import type { Account } from './account.ts';
import { parseAccount } from './account-file.ts';
import { accountFileName, freeFileName, sameAccount } from './account-name.ts';

const names: [identity: string, name: string][] = [
  ['me@example.com', 'claude_oauth_me@example.com.json'],
  ['me+work@example.com', 'claude_oauth_me+work@example.com.json'],
  ['org-0af3', 'claude_oauth_org-0af3.json'],
  ['../../etc/passwd', 'claude_oauth_-..-etc-passwd-<digest>.json'],
  ['Me@example.com', 'claude_oauth_me@example.com-<digest>.json'],
  ['.hidden', 'claude_oauth_hidden-<digest>.json'],
];
for (const [identity, name] of names)
  test(`the file of ${identity} is ${name}`, () => {
    const found = accountFileName('claude', identity);
    expect(found.replace(/-[0-9a-f]{12}\.json$/, '-<digest>.json')).toBe(name);
  });

test('every identity gives a safe name, and two identities never the same, also regardless of capitals', () => {
  const identity = fc.oneof(fc.string(), fc.string({ unit: 'grapheme', minLength: 90, maxLength: 300 }));
  fc.assert(
    fc.property(identity, identity, (one, two) => {
      const name = accountFileName('codex', one);
      expect(name).toMatch(/^codex_oauth_[a-z0-9@.+_-]+\.json$/);
      expect(name.length).toBeLessThan(140);
      if (one !== two) expect(name.toLowerCase()).not.toBe(accountFileName('codex', two).toLowerCase());
    }),
  );
});

test('a taken name is counted up', () => {
  expect(freeFileName('a.json', new Set())).toBe('a.json');
  expect(freeFileName('a.json', new Set(['a.json', 'a-2.json']))).toBe('a-3.json');
});

function account(file: string, content: object): Account {
  const result = parseAccount(`/auth/${file}`, JSON.stringify({ access_token: 'a', ...content }));
  if (!result.ok) throw new Error(result.problem.message);
  return result.account;
}
const byWorkspace = ({ email, accountId }: AccountFacts) => (accountId ? `${email}-${accountId}` : email);

const peer = account('codex-me@x.example.json', { email: 'me@x.example' });
const one = account('codex_oauth_one.json', { email: 'me@x.example', account_id: 'one' });
const two = account('codex_oauth_two.json', { email: 'me@x.example', account_id: 'two' });
const other = account('codex-you@x.example.json', { email: 'you@x.example' });
const claude = account('claude-me@x.example.json', { email: 'me@x.example', account_id: 'one' });

const logins: [what: string, there: Account[], facts: AccountFacts, found: Account | undefined][] = [
  [
    'the same workspace is the same account',
    [peer, one, two],
    { email: 'me@x.example', accountId: 'two' },
    two,
  ],
  [
    'another workspace of one e-mail is another account',
    [one],
    { email: 'me@x.example', accountId: 'two' },
    undefined,
  ],
  [
    "a peer's file that knows only the e-mail is the same account",
    [other, peer],
    { email: 'me@x.example', accountId: 'two' },
    peer,
  ],
  ['another e-mail is another account', [other], { email: 'me@x.example', accountId: 'two' }, undefined],
  ['another provider is another account', [claude], { email: 'me@x.example', accountId: 'one' }, undefined],
  ['a login that nothing is known of is a new account', [peer, one], {}, undefined],
];
for (const [what, there, facts, found] of logins)
  test(what, () => expect(sameAccount(there, 'codex', facts, byWorkspace)).toBe(found));

test('of several files with one account, the one with the same project is it', () => {
  const first = account('gemini-a.json', { email: 'a', project_id: 'x' });
  const second = account('gemini-b.json', { email: 'a', project_id: 'y' });
  const email = (facts: AccountFacts) => facts.email;
  expect(sameAccount([first, second], 'gemini', { email: 'a', projects: ['y'] }, email)).toBe(second);
  expect(sameAccount([second, first], 'gemini', { email: 'a', projects: ['z'] }, email)).toBe(first);
});

test('two members of one Claude organisation are two accounts', () => {
  const first = account('claude_oauth_org.json', { email: 'a@x', account_id: 'a', organization_id: 'org' });
  const second = account('claude_oauth_org-2.json', {
    email: 'b@x',
    account_id: 'b',
    organization_id: 'org',
  });
  const found = (known: Account[], accountId: string) =>
    sameAccount(known, 'claude', { accountId, organizationId: 'org' }, (facts) => facts.organizationId);
  expect(found([first], 'b')).toBeUndefined();
  expect(found([first, second], 'b')).toBe(second);
  expect(found([first, second], 'a')).toBe(first);
});
