/** Texts of account files, and what a provider replies to a refresh. */

import type { Account } from '../../src/accounts/account.ts';
import { parseAccount } from '../../src/accounts/account-file.ts';
import type { TokenReply } from '../../src/oauth/grant.ts';
import type { JsonObject } from '../../src/protocols/json.ts';

export const expiresAt = Date.UTC(2026, 2, 11, 16, 30);
export const now = expiresAt + 5_000;
export const reply: TokenReply = {
  accessToken: 'new-access',
  refreshToken: 'new-refresh',
  idToken: undefined,
  tokenType: 'Bearer',
  scope: undefined,
  expiresAt: expiresAt + 3_600_000,
  body: {},
};

export function jwt(claims: JsonObject): string {
  const part = (value: JsonObject) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

export function parsed(file: string, content: JsonObject | string): Account {
  const result = parseAccount(
    `/auth/${file}`,
    typeof content === 'string' ? content : JSON.stringify(content),
  );
  if (!result.ok) throw new Error(result.problem.message);
  return result.account;
}
