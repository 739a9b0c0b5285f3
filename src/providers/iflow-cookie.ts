/** The second way into iFlow: the cookie of a browser that is signed in to platform.iflow.cn gives the key of its API. */
import type { OAuthWorld } from '../oauth/client.ts';
import { type Failed, failed, quote } from '../oauth/failure.ts';
import { asBoolean, asObject, asString, type Json, type JsonObject } from '../protocols/json.ts';
import { type AccountAnswer, callAccountApi } from './account-call.ts';

const apiKeyUrl = 'https://platform.iflow.cn/api/openapi/apikey';

export interface CookieKey {
  apiKey: string;
  /** What the platform calls the key: the e-mail, for most. */
  name: string;
  /** The one cookie that counts, as it is to be kept: `BXAuth=…;`. */
  cookie: string;
  /** Milliseconds since the epoch; undefined when the platform does not say. */
  expiresAt: number | undefined;
}

export type CookieKeyResult = { ok: true; key: CookieKey } | Failed;

/** The cookie that counts among all that a browser sends; undefined without it. */
export function authenticationCookie(cookies: string): string | undefined {
  const value = /(?:^|;)\s*BXAuth=([^;\s]+)/.exec(cookies.trim().replace(/^cookie:/i, ''))?.[1];
  return value === undefined ? undefined : `BXAuth=${value};`;
}

/**
 * The API key that the platform has for the account of the cookie, made anew. A cookie that is not or no longer taken is
 * `sign-in-again`. Messages never hold the cookie.
 *
 * @param address where the key is asked for; a mirror or a test server may stand in.
 */
export async function iflowCookieKey(
  cookies: string,
  world: OAuthWorld,
  address: string = apiKeyUrl,
): Promise<CookieKeyResult> {
  const cookie = authenticationCookie(cookies);
  if (cookie === undefined)
    return failed(
      'refused',
      'The cookie of platform.iflow.cn has no BXAuth. Copy all of the header "Cookie" of a request.',
    );
  const known = readKey(await ask(address, cookie, undefined, world), cookie);
  if (!known.ok) return known;
  const name = asString(known.data.name);
  if (!name)
    return failed('refused', 'iFlow has no API key for this account. Make one at platform.iflow.cn first.');
  // The list shows the key with its midst hidden; only a new one is shown whole.
  const made = readKey(await ask(address, cookie, { name }, world), cookie);
  if (!made.ok) return made;
  const apiKey = asString(made.data.apiKey);
  if (!apiKey) return failed('refused', 'iFlow gave no API key for this account.');
  if (asBoolean(made.data.hasExpired) === true)
    return failed('refused', 'The API key that iFlow gave has expired. Renew it at platform.iflow.cn.');
  return { ok: true, key: { apiKey, name, cookie, expiresAt: expiry(asString(made.data.expireTime)) } };
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
  const words = quote(asString(reply?.message), [cookie]) ?? `status ${answer.status}`;
  return failed('refused', `iFlow gave no API key: ${words}`);
}

/** `YYYY-MM-DD HH:MM` without a zone: taken as the time of Beijing, where iFlow is. */
function expiry(text: string | undefined): number | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})$/.exec(text ?? '');
  const time = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}:00+08:00`);
  return Number.isNaN(time) ? undefined : time;
}
