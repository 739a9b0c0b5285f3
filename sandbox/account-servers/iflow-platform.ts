/** platform.iflow.cn, where a browser that is signed in has a cookie, and the cookie a key for the API. */
import { createHash } from 'node:crypto';
import { jsonAnswer } from '../delivery.ts';
import { isObject, parseJson } from '../json.ts';
import { asString } from '../json-members.ts';
import { type AccountCall, statusFault } from './account-deps.ts';
import { decisionOf } from './authorize.ts';
import { issueKey, newLogin, secret } from './ledger.ts';
import { consentForm, escaped, page } from './page.ts';

/** Where a person signs in; the page then shows the cookie, as the developer tools of a browser do. */
export const platformPath = '/platform';
export const apiKeyPath = '/api/openapi/apikey';

export async function platformPage({ request, url, deps }: AccountCall): Promise<Response> {
  const decision = await decisionOf(request, url.searchParams);
  if (decision?.answer !== 'allow')
    return page('Sign in to platform.iflow.cn', consentForm('This is the sandbox. Who are you?'));
  const login = newLogin(deps.ledger, { provider: 'iflow', person: decision.person, scopes: [] });
  const cookie = secret('', 32);
  deps.ledger.cookies.set(cookie, login);
  const header = `cna=sandbox; BXAuth=${cookie}; lang=en`;
  const signedIn = page(
    'platform.iflow.cn: signed in',
    `<p>Your browser now sends the header</p><p><code>Cookie: ${escaped(header)}</code></p>`,
  );
  signedIn.headers.set('set-cookie', `BXAuth=${cookie}; HttpOnly; Path=/`);
  return signedIn;
}

/** GET shows the key with its midst hidden, POST with its name makes it anew. */
export async function apiKeyEndpoint(call: AccountCall): Promise<Response> {
  const { request, deps } = call;
  const refused = (status: number, message: string) =>
    jsonAnswer({ success: false, code: String(status), message, data: null }, status);
  const cookies = request.headers.get('cookie') ?? '';
  const [, cookie = ''] = /(?:^|;\s*)BXAuth=([^;\s]+)/.exec(cookies) ?? [];
  const login = deps.ledger.cookies.get(cookie);
  if (login === undefined || login.revoked) return refused(401, 'The cookie is not valid.');
  const failed = statusFault(call, 'userinfo', login.person.id);
  if (failed !== undefined) return failed;
  const name = login.person.email;
  if (request.method === 'GET')
    return jsonAnswer({ success: true, code: '200', message: null, data: { name, apiKeyMask: 'sk-…' } });
  const body = parseJson(await request.text());
  if (!isObject(body) || asString(body.name) !== name) return refused(400, 'There is no key of this name.');
  const apiKey = `sk-${createHash('sha256').update(secret()).digest('hex').slice(0, 32)}`;
  const { expiresAt } = issueKey(deps.ledger, login, apiKey);
  const data = { name, apiKey, expireTime: beijing(expiresAt), hasExpired: false };
  return jsonAnswer({ success: true, code: '200', message: null, data });
}

/** `2026-12-01 08:00`, in the time of Beijing. */
function beijing(time: number): string {
  return new Date(time + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}
