import { expect, test } from 'bun:test';
import { parseAccount } from '../../accounts/account-file.ts';
import { accountProviders } from '../../providers/registry.ts';
import { Failure } from '../failure.ts';
import { demandAccount } from './wanted-account.ts';

const known = parseAccount(
  '/accounts/codex_oauth_ann.json',
  JSON.stringify({ type: 'codex', access_token: 'a', email: 'ann@x.org', account_id: 'team' }),
);
const accounts = known.ok ? [known.account] : [];
const ann = { email: 'ann@x.org', accountId: 'team' };

test.each([
  ['its id', 'codex_oauth_ann', ann],
  ['its file', 'codex_oauth_ann.json', ann],
  ['its e-mail', 'ann@x.org', ann],
  ['the e-mail of one that is not there yet', 'bob@x.org', { email: 'bob@x.org', accountId: 'bob' }],
])('a login may be demanded to be an account by %s', (_, wanted, facts) => {
  expect(() => demandAccount(wanted, 'codex', accountProviders.codex, facts, accounts)).not.toThrow();
});

test.each([
  ['another person', 'codex_oauth_ann', { email: 'bob@x.org', accountId: 'team' }],
  ['another workspace of the same e-mail', 'codex_oauth_ann', { email: 'ann@x.org', accountId: 'own' }],
  ['somebody else than the e-mail', 'bob@x.org', ann],
  ['nobody who is named', 'ann@x.org', {}],
])('%s is the wrong account', (_, wanted, facts) => {
  const attempt = () => demandAccount(wanted, 'codex', accountProviders.codex, facts, accounts);
  expect(attempt).toThrow(Failure);
  expect(attempt).toThrow(`not as ${wanted}`);
});
