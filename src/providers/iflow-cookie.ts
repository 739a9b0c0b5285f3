/** The second way into iFlow: the cookie of a browser that is signed in to platform.iflow.cn gives the key of its API. */
import type { OAuthClient, OAuthWorld } from '../oauth/client.ts';
import { beside } from '../oauth/endpoint.ts';
import { type Failed, failed, quote } from '../oauth/failure.ts';
import { asBoolean, asObject, asString, type Json, type JsonObject } from '../protocols/json.ts';
import { type AccountAnswer, callAccountApi } from './account-call.ts';
import type { CookieGrant } from './account-provider.ts';

const apiKeyUrl = 'https://platform.iflow.cn/api/openapi/apikey';

/** The cookie that counts among all that a browser sends; undefined without it. */
export function authenticationCookie(cookies: string): string | undefined {
  const value = /(?:^|;)\s*BXAuth=([^;\s]+)/.exec(cookies.trim().replace(/^cookie:/i, ''))?.[1];
  return value === undefined ? undefined : `BXAuth=${value};`;
}

/**
 * The API key that the platform has for the account of the cookie, made anew. A cookie that is not or no longer taken is
 * `sign-in-again`. Messages never hold the cookie.
 */
export async function grantByCookie(
  cookies: string,
  client: OAuthClient,
  world: OAuthWorld,
): Promise<CookieGrant> {
  const cookie = authenticationCookie(cookies);
  if (cookie === undefined)
    return failed(
      'refused',
      'The cookie of platform.iflow.cn has no BXAuth. Copy all of the header "Cookie" of a request.',
    );
  const address = apiKeyAddress(client);
  const known = readKey(await ask(address, cookie, undefined, world), cookie);
  if (!known.ok) return known;
  const name = asString(known.data.name);
  if (!name)
    return failed('refused', 'iFlow has no API key for this account. Make one at platform.iflow.cn first.');
  // The list shows the key with its midst hidden; only a new one is shown whole.
  const made = readKey(await ask(address, cookie, { name }, world), cookie);
  if (!made.ok) return made;
  const { data } = made;
  const apiKey = asString(data.apiKey);
  if (!apiKey) return failed('refused', 'iFlow gave no API key for this account.');
  if (asBoolean(data.hasExpired) === true)
    return failed('refused', 'The API key that iFlow gave has expired. Renew it at platform.iflow.cn.');
  return {
    ok: true,
    tokens: {
      accessToken: apiKey,
      refreshToken: undefined,
      idToken: undefined,
      tokenType: 'Bearer',
      scope: undefined,
      expiresAt: expiry(asString(data.expireTime)),
      body: data,
    },
    // The platform calls the key by the e-mail, or the telephone of an account without one.
    facts: { email: name, apiKey, cookie },
  };
}

/** Where the key is asked for: what stands in for iFlow's user info stands in for the platform, too. */
function apiKeyAddress({ userinfoUrl }: OAuthClient): string {
  const shipped = userinfoUrl === undefined || new URL(userinfoUrl).hostname === 'iflow.cn';
  return shipped ? apiKeyUrl : beside(userinfoUrl, '/api/oauth/getUserInfo', '/api/openapi/apikey');
}

function ask(url: string, cookie: string, body: Json | undefined, world: OAuthWorld): Promise<AccountAnswer> {
  const call = { server: 'iFlow', url, headers: { cookie } };
  return callAccountApi(body === undefined ? call : { ...call, body }, world);
}

function readKey(answer: AccountAnswer, cookie: string): { ok: true; data: JsonObject } | Failed {
  if (!answer.ok) return answer;
  if (answer.status === 401 || answer.status === 403) {
    const message =
      'iFlow does not take the cookie any more. Sign in at platform.iflow.cn and copy it again.';
    return failed('sign-in-again', message);
  }
  const reply = asObject(answer.body);
  const data = asObject(reply?.data);
  if (answer.status === 200 && reply?.success !== false && data !== undefined) return { ok: true, data };
  const value = cookie.slice('BXAuth='.length, -1);
  const words = quote(asString(reply?.message), [value]) ?? `status ${answer.status}`;
  return failed('refused', `iFlow gave no API key: ${words}`);
}

/** `YYYY-MM-DD HH:MM` without a zone: taken as the time of Beijing, where iFlow is. */
function expiry(text: string | undefined): number | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})$/.exec(text ?? '');
  const time = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}:00+08:00`);
  return Number.isNaN(time) ? undefined : time;
}
