import { expect, test } from 'bun:test';
import { parseAccount } from './account-file.ts';
import { copyProblem, oneALogin } from './same-login.ts';

function account(name: string, content: object) {
  const parsed = parseAccount(`/accounts/${name}.json`, JSON.stringify(content));
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.account;
}

type File = [name: string, content: object];
const at = (day: number) => ({ last_refresh: new Date(Date.UTC(2026, 0, day)).toISOString() });
const claude = (token: string, more: object = {}) => ({ type: 'claude', refresh_token: token, ...more });
const gemini = (token: string, more: object) => ({ type: 'gemini', refresh_token: token, ...more });
const ann = { email: 'ann@x.example' };
const inOrg = (organization: string) => ({ ...ann, organization_id: organization });

test.each<[what: string, files: File[], used: string[]]>([
  [
    'the same refresh token',
    [
      ['a', claude('1')],
      ['b', claude('1')],
    ],
    ['a'],
  ],
  [
    'the same token, the first disabled',
    [
      ['a', claude('1', { disabled: true })],
      ['b', claude('1')],
    ],
    ['b'],
  ],
  [
    'a copy with an older token',
    [
      ['a', claude('1', { ...ann, ...at(1) })],
      ['b', claude('2', { ...ann, ...at(2) })],
    ],
    ['b'],
  ],
  [
    'an e-mail in other letters',
    [
      ['a', claude('1', { ...ann, ...at(2) })],
      ['b', claude('2', { email: 'Ann@X.example' })],
    ],
    ['a'],
  ],
  [
    'one that needs a new login',
    [
      [
        'a',
        claude('1', {
          ...ann,
          ...at(2),
          sign_in_again: { reason: 'r', since: '2026-01-03T00:00:00Z', refresh_token_digest: '' },
        }),
      ],
      ['b', claude('2', { ...ann, ...at(1) })],
    ],
    ['a'],
  ],
  [
    'two organisations of one e-mail',
    [
      ['a', claude('1', inOrg('o1'))],
      ['b', claude('2', inOrg('o2'))],
    ],
    ['a', 'b'],
  ],
  [
    'a file that does not know its organisation',
    [
      ['a', claude('1', ann)],
      ['b', claude('2', { ...inOrg('o1'), ...at(2) })],
    ],
    ['b'],
  ],
  [
    'one that could be either of two',
    [
      ['a', claude('1', inOrg('o1'))],
      ['b', claude('2', inOrg('o2'))],
      ['c', claude('3', ann)],
    ],
    ['a', 'b', 'c'],
  ],
  [
    'a copy of one of two',
    [
      ['a', claude('1', inOrg('o1'))],
      ['b', claude('2', inOrg('o2'))],
      ['c', claude('2', ann)],
    ],
    ['a', 'b'],
  ],
  [
    'two providers',
    [
      ['a', claude('1', ann)],
      ['b', { type: 'qwen', refresh_token: '1', ...ann }],
    ],
    ['a', 'b'],
  ],
  [
    'two people',
    [
      ['a', claude('1', ann)],
      ['b', claude('2', { email: 'bob@x.example' })],
    ],
    ['a', 'b'],
  ],
  [
    'nothing known, two tokens',
    [
      ['a', claude('1')],
      ['b', claude('2')],
    ],
    ['a', 'b'],
  ],
  [
    'two projects of Google',
    [
      ['a', gemini('1', { ...ann, project_id: 'p' })],
      ['b', gemini('1', { ...ann, project_id: 'q' })],
    ],
    ['a', 'b'],
  ],
  [
    'one project of Google, in two formats',
    [
      ['a', gemini('1', { ...ann, projects: ['p'] })],
      ['b', { type: 'gemini', token: { access_token: 'x', refresh_token: '1' }, ...ann, project_id: 'p' }],
    ],
    ['a'],
  ],
  [
    'a cookie beside tokens of the same person',
    [
      ['a', { type: 'iflow', refresh_token: '1', ...ann }],
      ['b', { type: 'iflow', api_key: 'k', cookie: 'BXAuth=1;', ...ann }],
    ],
    ['a', 'b'],
  ],
])('M11: %s', (_, files, used) => {
  const accounts = files.map(([name, content]) => account(name, content));
  for (const order of [accounts, [...accounts].reverse()]) {
    const sorted = oneALogin(order);
    expect(sorted.accounts.map(({ id }) => id).sort()).toEqual(used);
    expect(sorted.copies.length).toBe(files.length - used.length);
  }
});

test('M11: among equal ones the file in use stays, and the sentence names both and no secret', () => {
  const [one, other] = [account('a', claude('secret-1', ann)), account('b', claude('secret-1', ann))];
  const sorted = oneALogin([one, other], ({ id }) => id === 'b');
  expect(sorted.accounts).toEqual([other]);
  const [copy] = sorted.copies;
  const problem = copy && copyProblem(copy);
  expect(problem).toMatchObject({ file: '/accounts/a.json', reason: 'duplicate' });
  expect(problem?.message).toStartWith('a.json: it is the same login as b.json, which is used');
  expect(problem?.message).not.toContain('secret');
});

test('16.6: thousands of logins are sorted in time, and a copy is found among them', () => {
  const many = Array.from({ length: 4000 }, (_, at) =>
    account(`n${at}`, claude(`t${at}`, { email: `${at}@x.example` })),
  );
  const copy = account('copy', claude('t17', { email: '17@x.example' }));
  const began = performance.now();
  const { copies } = oneALogin([...many, copy]);
  expect(performance.now() - began).toBeLessThan(1500);
  expect(copies.map((one) => [one.account.id, one.of.id])).toEqual([['n17', 'copy']]);
});
