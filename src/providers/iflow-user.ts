/** Whose iFlow account it is, and the key that its API takes. */

import type { OAuthClient, OAuthWorld } from '../oauth/client.ts';
import { failed, quote } from '../oauth/failure.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { asObject, asString } from '../protocols/json.ts';
import { callAccountApi } from './account-call.ts';
import type { AccountAddresses, Identified } from './account-provider.ts';
import { knownFacts } from './known-facts.ts';

/** iFlow's getUserInfo; it wants the access token in the address. Without a key the account is of no use: `refused`. */
export async function identifyIflow(
  tokens: TokenReply,
  client: OAuthClient,
  _addresses: AccountAddresses,
  world: OAuthWorld,
): Promise<Identified> {
  const url = new URL(client.userinfoUrl ?? 'https://iflow.cn/api/oauth/getUserInfo');
  url.searchParams.set('accessToken', tokens.accessToken);
  const answer = await callAccountApi({ server: client.title, url: url.href }, world);
  if (!answer.ok) return answer;
  const reply = asObject(answer.body);
  const data = asObject(reply?.data);
  const apiKey = asString(data?.apiKey)?.trim();
  if (answer.status !== 200 || reply?.success === false || !apiKey) {
    const words = quote(asString(reply?.message), [tokens.accessToken]) ?? `status ${answer.status}`;
    return failed('refused', `${client.title} gave no API key for this account: ${words}`);
  }
  // Accounts that signed up with a telephone have no e-mail.
  const email = asString(data?.email)?.trim() || asString(data?.phone)?.trim() || undefined;
  return { ok: true, facts: knownFacts({ apiKey, email }) };
}
