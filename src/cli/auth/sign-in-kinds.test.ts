import { expect, test } from 'bun:test';
import { accountKinds } from '../../providers/account-provider.ts';
import { accountProviders } from '../../providers/registry.ts';
import { type SignInKind, signInKinds, signInNames } from './sign-in-kinds.ts';

test('every provider but Vertex has a login', () => {
  expect<string[]>([...signInNames, 'vertex'].sort()).toEqual([...accountKinds].sort());
  expect(Object.keys(signInKinds).sort()).toEqual([...signInNames].sort());
});

test.each([...signInNames])('%s: help says what the record of the provider says', (name) => {
  const { oauth, signIn } = accountProviders[name];
  const kind: SignInKind = signInKinds[name];
  expect<readonly string[]>(kind.ways).toEqual(signIn);
  expect(kind.port).toBe(oauth?.redirect?.port);
});
