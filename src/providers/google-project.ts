/** Whose Google account it is: the e-mail and the projects that Code Assist may be asked for. */
import type { OAuthClient } from '../oauth/client.ts';
import type { TokenReply } from '../oauth/grant.ts';
import { asObject, asString } from '../protocols/json.ts';
import { callAccountApi } from './account-call.ts';
import type { AccountAddresses, Identified, SignInWorld } from './account-provider.ts';

/** The identification for one of the two clients. */
export function identifyGoogle(_kind: 'gemini' | 'antigravity') {
  return async (
    tokens: TokenReply,
    client: OAuthClient,
    _addresses: AccountAddresses,
    world: SignInWorld,
  ): Promise<Identified> => {
    const url = client.userinfoUrl ?? 'https://www.googleapis.com/oauth2/v1/userinfo?alt=json';
    const answer = await callAccountApi({ server: 'Google', url, accessToken: tokens.accessToken }, world);
    if (!answer.ok) return answer;
    const email = asString(asObject(answer.body)?.email);
    if (email !== undefined) return { ok: true, facts: { email } };
    const message = `Google did not say whose account it is (status ${answer.status})`;
    return { ok: false, failure: { kind: 'refused', message } };
  };
}
