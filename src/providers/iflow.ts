import type { OAuthClient, OAuthDeps } from '../oauth/client.ts';
import { publicClient } from '../oauth/client.ts';
import { beside } from '../oauth/endpoint.ts';
import { type Failed, failed, quote } from '../oauth/failure.ts';
import type { TokenReply } from '../oauth/grant.ts';
import type { Json, JsonObject } from '../protocols/json.ts';
import { asBoolean, asObject, asString } from '../protocols/json-members.ts';
import { type AccountAnswer, callAccountApi } from './account-call.ts';
import type {
  AccountAddresses,
  AccountApi,
  AccountFacts,
  AccountProvider,
  CookieGrant,
  Identified,
} from './account-provider.ts';
import { knownFacts } from './known-facts.ts';
import { openaiCompatible, withoutEmptyTools } from './openai.ts';
import { listedIds, type Provider } from './provider.ts';
import type { ProviderRecord } from './record.ts';

const models = [
  'glm-5',
  'glm-4.7',
  'glm-4.6',
  'kimi-k2.5',
  'kimi-k2-thinking',
  'kimi-k2',
  'kimi-k2-0905',
  'deepseek-v3.2',
  'deepseek-v3.1',
  'deepseek-v3',
  'deepseek-r1',
  'minimax-m2.5',
  'minimax-m2.1',
  'minimax-m2',
  'qwen3-coder-plus',
  'qwen3-max',
  'qwen3-max-preview',
  'qwen3-vl-plus',
  'qwen3-32b',
  'qwen3-235b',
  'iflow-rome-30ba3b',
  'tstars2.0',
];

/** iFlow's OpenAI-compatible API. Source: protocol.md §5, row "iflow". */
const iflowApi: Provider = {
  ...openaiCompatible,
  name: 'iflow',
  title: 'iFlow',
  endpoints: { generate: () => '/chat/completions' },
  offers: { path: '/models', names: listedIds },
  // Other makers' models under their own names: what is not listed belongs to the makers.
  families: models,
  models,
  adapt: withoutEmptyTools,
};

function iflowApis({ cookie }: AccountFacts, { baseUrl }: AccountAddresses): AccountApi[] {
  const signIn = `cli-proxy-api auth iflow${cookie === undefined ? '' : ' --cookie'}`;
  return [{ provider: { ...iflowApi, signIn }, baseUrl, suffix: undefined }];
}

/** Whose iFlow account it is, and the key that its API takes. */

/** iFlow's getUserInfo; it wants the access token in the address. Without a key the account is of no use: `refused`. */
async function identifyIflow(
  tokens: TokenReply,
  client: OAuthClient,
  _addresses: AccountAddresses,
  deps: OAuthDeps,
): Promise<Identified> {
  const url = new URL(client.userinfoUrl ?? 'https://iflow.cn/api/oauth/getUserInfo');
  url.searchParams.set('accessToken', tokens.accessToken);
  const answer = await callAccountApi({ server: client.title, url: url.href }, deps);
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

/** The second way into iFlow: the cookie of a browser that is signed in to platform.iflow.cn gives the key of its API. */

const apiKeyUrl = 'https://platform.iflow.cn/api/openapi/apikey';

/** The cookie that counts among all that a browser sends; undefined without it. */
function authenticationCookie(cookies: string): string | undefined {
  const value = /(?:^|;)\s*BXAuth=([^;\s]+)/.exec(cookies.trim().replace(/^cookie:/i, ''))?.[1];
  return value === undefined ? undefined : `BXAuth=${value};`;
}

/**
 * The API key that the platform has for the account of the cookie, made anew. A cookie that is not or no longer taken is
 * `sign-in-again`. Messages never hold the cookie.
 */
async function grantByCookie(cookies: string, client: OAuthClient, deps: OAuthDeps): Promise<CookieGrant> {
  const cookie = authenticationCookie(cookies);
  if (cookie === undefined)
    return failed(
      'refused',
      'The cookie of platform.iflow.cn has no BXAuth. Copy all of the header "Cookie" of a request.',
    );
  const address = apiKeyAddress(client);
  const known = readKey(await ask(address, cookie, undefined, deps), cookie);
  if (!known.ok) return known;
  const name = asString(known.data.name);
  if (!name)
    return failed('refused', 'iFlow has no API key for this account. Make one at platform.iflow.cn first.');
  // The list shows the key with its midst hidden; only a new one is shown whole.
  const made = readKey(await ask(address, cookie, { name }, deps), cookie);
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

/** The address for the key: a replacement of iFlow's user info replaces the platform too. */
function apiKeyAddress({ userinfoUrl }: OAuthClient): string {
  const shipped = userinfoUrl === undefined || new URL(userinfoUrl).hostname === 'iflow.cn';
  return shipped ? apiKeyUrl : beside(userinfoUrl, '/api/oauth/getUserInfo', '/api/openapi/apikey');
}

function ask(url: string, cookie: string, body: Json | undefined, deps: OAuthDeps): Promise<AccountAnswer> {
  const call = { server: 'iFlow', url, headers: { cookie } };
  return callAccountApi(body === undefined ? call : { ...call, body }, deps);
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

/** iFlow (iflow.cn). Its API takes a key that comes with the user's record, not the access token. */
const account: AccountProvider = {
  name: 'iflow',
  title: 'iFlow',
  account: 'an iFlow account',
  peerFlags: { 'iflow-login': [], 'iflow-cookie': ['--cookie'] },
  oauth: {
    ...publicClient,
    title: 'iFlow',
    authorizeUrl: 'https://iflow.cn/oauth',
    tokenUrl: 'https://iflow.cn/oauth/token',
    userinfoUrl: 'https://iflow.cn/api/oauth/getUserInfo',
    clientId: '10009311001',
    clientSecret: '4Z3YjXycVsQvyGF1etiNlIBB4RsqSDtW',
    redirect: { host: 'localhost', port: 11451, path: '/oauth2callback' },
    pkce: false,
    redirectParameter: 'redirect',
    authorizeParameters: { loginMethod: 'phone', type: 'phone' },
    clientAuthentication: 'body-and-basic',
  },
  signIn: ['browser', 'cookie'],
  // The lead is the peer's: the platform gives a new key in the last days of the old one only.
  cookieSignIn: { site: 'platform.iflow.cn', refreshLead: 48 * 3_600_000, grant: grantByCookie },
  baseUrl: 'https://apis.iflow.cn/v1',
  refreshLead: 24 * 3_600_000,
  identify: identifyIflow,
  identifiesOnRefresh: true,
  factsFromReply: () => ({}),
  identity: (facts) => facts.email,
  apis: iflowApis,
};

export const iflow = { account } satisfies ProviderRecord;
