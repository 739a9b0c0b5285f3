/** Logins at the sandbox by plain fetch, written from the providers' facts and without the gateway's own client. */
import { createHash, createPrivateKey, randomBytes, sign } from 'node:crypto';
import type { AccountName } from '../sandbox/account-servers/services.ts';
import type { Sandbox } from '../sandbox/start.ts';
import { isObject, type JsonObject } from '../src/protocols/json.ts';

/** A JSON answer with its status. */
export interface Answered {
  status: number;
  body: JsonObject;
  headers: Headers;
}

async function answered(response: Response): Promise<Answered> {
  const body: unknown = await response.json();
  return { status: response.status, body: isObject(body) ? body : {}, headers: response.headers };
}

export async function getJson(url: string, headers: Record<string, string> = {}): Promise<Answered> {
  return answered(await fetch(url, { headers }));
}

export async function postJson(
  url: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return answered(
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }),
  );
}

export async function postForm(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return answered(await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) }));
}

/** RFC 7636 §4. */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export interface BrowserProvider {
  authorize: string;
  token: string;
  id: string;
  secret?: string;
  redirect: string;
  parameters: Record<string, string>;
  json?: true;
  pkce?: true;
  basic?: true;
}

const google =
  'openid https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/userinfo.email';

/** What the providers' public clients send; auth.md §1.2. */
export const browserProviders = {
  gemini: {
    authorize: '/o/oauth2/auth',
    token: '/token',
    id: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
    secret: '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',
    redirect: 'http://localhost:8085/oauth2callback',
    parameters: { response_type: 'code', access_type: 'offline', prompt: 'consent', scope: google },
  },
  antigravity: {
    authorize: '/o/oauth2/v2/auth',
    token: '/token',
    id: '1071006060591-tmhssin2h21lcre235vtolojh4g403ep.apps.googleusercontent.com',
    secret: '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',
    redirect: 'http://localhost:51121/oauth-callback',
    parameters: { response_type: 'code', access_type: 'offline', prompt: 'consent', scope: google },
  },
  claude: {
    authorize: '/oauth/authorize',
    token: '/v1/oauth/token',
    id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
    redirect: 'http://localhost:54545/callback',
    parameters: {
      code: 'true',
      response_type: 'code',
      scope: 'org:create_api_key user:profile user:inference',
    },
    json: true,
    pkce: true,
  },
  codex: {
    authorize: '/oauth/authorize',
    token: '/oauth/token',
    id: 'app_EMoamEEZ73f0CkXaXp7hrann',
    redirect: 'http://localhost:1455/auth/callback',
    parameters: {
      response_type: 'code',
      scope: 'openid email profile offline_access',
      prompt: 'login',
      id_token_add_organizations: 'true',
      codex_cli_simplified_flow: 'true',
    },
    pkce: true,
  },
  iflow: {
    authorize: '/oauth',
    token: '/oauth/token',
    id: '10009311001',
    secret: '4Z3YjXycVsQvyGF1etiNlIBB4RsqSDtW',
    redirect: 'http://localhost:11451/oauth2callback',
    parameters: { loginMethod: 'phone', type: 'phone' },
    basic: true,
  },
} as const satisfies Partial<Record<AccountName, BrowserProvider>>;
export type BrowserName = keyof typeof browserProviders;
export const browserNames = ['gemini', 'antigravity', 'claude', 'codex', 'iflow'] as const;

export const deviceProviders = {
  qwen: {
    device: '/api/v1/oauth2/device/code',
    token: '/api/v1/oauth2/token',
    id: 'f0304373b74a44d2b584a3fb70ca9e56',
    scope: 'openid profile email model.completion',
    pkce: true,
  },
  kimi: {
    device: '/api/oauth/device_authorization',
    token: '/api/oauth/token',
    id: '17e5f671-d194-4dfb-9706-5516cb48c098',
    scope: '',
    pkce: false,
  },
  xai: {
    device: '/oauth2/device/code',
    token: '/oauth2/token',
    id: 'b1a00492-073a-47ea-816f-4c329264a828',
    scope: 'openid profile email offline_access grok-cli:access api:access',
    pkce: false,
  },
} as const;
export type DeviceName = keyof typeof deviceProviders;
export const deviceNames = ['qwen', 'kimi', 'xai'] as const;

export const rootOf = (sandbox: Sandbox, name: AccountName): string => `${sandbox.url}/accounts/${name}`;

export interface Begun {
  address: URL;
  state: string;
  verifier: string;
}

/** The address that a browser is sent to. */
export function authorizeAddress(sandbox: Sandbox, name: BrowserName): Begun {
  const provider: BrowserProvider = browserProviders[name];
  const address = new URL(rootOf(sandbox, name) + provider.authorize);
  const state = randomBytes(16).toString('hex');
  const { verifier, challenge } = pkce();
  const query: Record<string, string> = {
    ...provider.parameters,
    client_id: provider.id,
    [name === 'iflow' ? 'redirect' : 'redirect_uri']: provider.redirect,
    state,
    ...(provider.pkce ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
  };
  for (const [key, value] of Object.entries(query)) address.searchParams.set(key, value);
  return { address, state, verifier };
}

/** Where the browser comes back to when this person agrees. */
export async function consent(address: URL, person: string, answer = 'allow'): Promise<URL> {
  const decided = new URL(address);
  decided.searchParams.set('sandbox_person', person);
  decided.searchParams.set('sandbox_answer', answer);
  const response = await fetch(decided, { redirect: 'manual' });
  return new URL(response.headers.get('location') ?? '');
}

/** The token call for a code; `changed` overrides fields. */
export function exchange(
  sandbox: Sandbox,
  name: BrowserName,
  code: string,
  { state, verifier }: Begun,
  changed: Record<string, string> = {},
): Promise<Answered> {
  const provider: BrowserProvider = browserProviders[name];
  const fields = {
    grant_type: 'authorization_code',
    code,
    client_id: provider.id,
    redirect_uri: provider.redirect,
    ...(provider.secret === undefined ? {} : { client_secret: provider.secret }),
    ...(provider.pkce ? { code_verifier: verifier } : {}),
    ...(provider.json ? { state } : {}),
    ...changed,
  };
  return callToken(sandbox, name, fields);
}

function callToken(sandbox: Sandbox, name: BrowserName, fields: Record<string, string>): Promise<Answered> {
  const provider: BrowserProvider = browserProviders[name];
  const url = rootOf(sandbox, name) + provider.token;
  const basic = `Basic ${Buffer.from(`${provider.id}:${provider.secret}`).toString('base64')}`;
  return provider.json
    ? postJson(url, fields)
    : postForm(url, fields, provider.basic ? { authorization: basic } : {});
}

/** A whole login in the browser. */
export async function signInByBrowser(
  sandbox: Sandbox,
  name: BrowserName,
  person = 'ada',
): Promise<Answered> {
  const begun = authorizeAddress(sandbox, name);
  const back = await consent(begun.address, person);
  return exchange(sandbox, name, back.searchParams.get('code') ?? '', begun);
}

export function startDevice(sandbox: Sandbox, name: DeviceName, challenge: string): Promise<Answered> {
  const { device, id, scope, pkce: demanded } = deviceProviders[name];
  return postForm(rootOf(sandbox, name) + device, {
    client_id: id,
    ...(scope === '' ? {} : { scope }),
    ...(demanded ? { code_challenge: challenge, code_challenge_method: 'S256' } : {}),
  });
}

export function pollDevice(
  sandbox: Sandbox,
  name: DeviceName,
  deviceCode: string,
  verifier: string,
): Promise<Answered> {
  const { token, id, pkce: demanded } = deviceProviders[name];
  return postForm(rootOf(sandbox, name) + token, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: id,
    device_code: deviceCode,
    ...(demanded ? { code_verifier: verifier } : {}),
  });
}

/** A whole login on a device. */
export async function signInByDevice(sandbox: Sandbox, name: DeviceName, person = 'ada'): Promise<Answered> {
  const { verifier, challenge } = pkce();
  const { body } = await startDevice(sandbox, name, challenge);
  sandbox.accounts.decideDevice(text(body.user_code), person);
  return pollDevice(sandbox, name, text(body.device_code), verifier);
}

/** A refresh as the provider's public client asks for it. */
export function refresh(sandbox: Sandbox, name: BrowserName | DeviceName, token: string): Promise<Answered> {
  if (name === 'qwen' || name === 'kimi' || name === 'xai') {
    const { token: path, id } = deviceProviders[name];
    const fields = { grant_type: 'refresh_token', client_id: id, refresh_token: token };
    return postForm(rootOf(sandbox, name) + path, fields);
  }
  const provider: BrowserProvider = browserProviders[name];
  return callToken(sandbox, name, {
    grant_type: 'refresh_token',
    client_id: provider.id,
    refresh_token: token,
    ...(provider.secret === undefined ? {} : { client_secret: provider.secret }),
  });
}

export function signIn(sandbox: Sandbox, name: BrowserName | DeviceName, person = 'ada'): Promise<Answered> {
  return name === 'qwen' || name === 'kimi' || name === 'xai'
    ? signInByDevice(sandbox, name, person)
    : signInByBrowser(sandbox, name, person);
}

/** A token by the service account's assertion; `changed` overrides claims. */
export function serviceAccountToken(
  sandbox: Sandbox,
  changed: JsonObject = {},
  file?: JsonObject,
): Promise<Answered> {
  const key = file ?? sandbox.accounts.serviceAccount();
  const now = Math.floor(Date.now() / 1000);
  const part = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: 'RS256', typ: 'JWT', kid: text(key.private_key_id) })}.${part({
    iss: text(key.client_email),
    aud: text(key.token_uri),
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    iat: now,
    exp: now + 3600,
    ...changed,
  })}`;
  const signature = sign('RSA-SHA256', Buffer.from(content), createPrivateKey(text(key.private_key)));
  return postForm(`${rootOf(sandbox, 'vertex')}/token`, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${content}.${signature.toString('base64url')}`,
  });
}

/** The claims of a JWT, unchecked. */
export function claimsOf(token: unknown): JsonObject {
  const body = Buffer.from(text(token).split('.')[1] ?? '', 'base64url').toString();
  const claims: unknown = JSON.parse(body);
  return isObject(claims) ? claims : {};
}

/** The text, or none where it is not one. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export const bearer = (token: unknown): { authorization: string } => ({
  authorization: `Bearer ${text(token)}`,
});
