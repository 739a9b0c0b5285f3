/** The authorization servers that the sandbox plays: where each is asked, whom it knows as its client, what it wants. */

export const accountNames = [
  'gemini',
  'claude',
  'codex',
  'qwen',
  'iflow',
  'antigravity',
  'kimi',
  'xai',
  'vertex',
] as const;
export type AccountName = (typeof accountNames)[number];

/** Paths below `/accounts/<name>`, each as at the provider. */
export interface ServicePaths {
  /** What `providers.<name>.base-url` stands for: the API without what the gateway adds. */
  base: string;
  token: string;
  authorize?: string;
  device?: string;
  /** Where a person types the code of a device. */
  devicePage?: string;
  userinfo?: string;
}

export interface AccountService {
  name: AccountName;
  /** For people. */
  title: string;
  paths: ServicePaths;
  client: { id: string; secret?: string };
  /** Path of the redirect address; the host is loopback and the port free (RFC 8252 §7.3). */
  redirectPath?: string;
  scopes: readonly string[];
  /** S256 in the code flow and in the device flow; a challenge that is given is always held to. */
  pkce: { code: boolean; device: boolean };
  tokenBody: 'form' | 'json';
  /** Whether a refresh gives a new refresh token and spends the old one. */
  rotates: boolean;
  /** Seconds that an access token is good for. */
  lifetime: number;
  /** How the provider's opaque tokens begin. */
  prefixes: { access: string; refresh: string };
  /** Without which no refresh token is given. */
  offline?: { parameter: string; value: string } | { scope: string };
}

const googleScopes = [
  'openid',
  'https://www.googleapis.com/auth/cloud-platform',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/userinfo.profile',
] as const;
const offlineAccess = { parameter: 'access_type', value: 'offline' } as const;
const hour = 3600;

/** Endpoints, client ids and quirks are the providers' own, as their public clients name them. */
export const services: Record<AccountName, AccountService> = {
  gemini: {
    name: 'gemini',
    title: 'Gemini CLI',
    paths: {
      base: '',
      authorize: '/o/oauth2/auth',
      token: '/token',
      userinfo: '/oauth2/v1/userinfo',
    },
    client: {
      id: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
      secret: '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',
    },
    redirectPath: '/oauth2callback',
    scopes: googleScopes,
    pkce: { code: false, device: false },
    tokenBody: 'form',
    rotates: false,
    lifetime: hour - 1,
    prefixes: { access: 'ya29.', refresh: '1//0' },
    offline: offlineAccess,
  },
  claude: {
    name: 'claude',
    title: 'Claude',
    paths: {
      base: '',
      authorize: '/oauth/authorize',
      token: '/v1/oauth/token',
      userinfo: '/api/oauth/profile',
    },
    client: { id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e' },
    redirectPath: '/callback',
    scopes: [
      'org:create_api_key',
      'user:profile',
      'user:inference',
      'user:sessions:claude_code',
      'user:mcp_servers',
      'user:file_upload',
    ],
    pkce: { code: true, device: false },
    tokenBody: 'json',
    rotates: true,
    lifetime: 8 * hour,
    prefixes: { access: 'sk-ant-oat01-', refresh: 'sk-ant-ort01-' },
  },
  codex: {
    name: 'codex',
    title: 'OpenAI Codex',
    paths: {
      base: '/backend-api/codex',
      authorize: '/oauth/authorize',
      token: '/oauth/token',
      device: '/api/accounts/deviceauth/usercode',
      devicePage: '/codex/device',
    },
    client: { id: 'app_EMoamEEZ73f0CkXaXp7hrann' },
    redirectPath: '/auth/callback',
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    pkce: { code: true, device: false },
    tokenBody: 'form',
    rotates: true,
    lifetime: 240 * hour,
    prefixes: { access: '', refresh: 'rt_' },
    offline: { scope: 'offline_access' },
  },
  qwen: {
    name: 'qwen',
    title: 'Qwen',
    paths: {
      base: '/v1',
      token: '/api/v1/oauth2/token',
      device: '/api/v1/oauth2/device/code',
      devicePage: '/authorize',
    },
    client: { id: 'f0304373b74a44d2b584a3fb70ca9e56' },
    scopes: ['openid', 'profile', 'email', 'model.completion'],
    pkce: { code: false, device: true },
    tokenBody: 'form',
    rotates: true,
    lifetime: 6 * hour,
    prefixes: { access: 'qwat-', refresh: 'qwrt-' },
  },
  iflow: {
    name: 'iflow',
    title: 'iFlow',
    paths: {
      base: '/v1',
      authorize: '/oauth',
      token: '/oauth/token',
      userinfo: '/api/oauth/getUserInfo',
    },
    client: { id: '10009311001', secret: '4Z3YjXycVsQvyGF1etiNlIBB4RsqSDtW' },
    redirectPath: '/oauth2callback',
    scopes: [],
    pkce: { code: false, device: false },
    tokenBody: 'form',
    rotates: true,
    lifetime: 48 * hour,
    prefixes: { access: 'ifat-', refresh: 'ifrt-' },
  },
  antigravity: {
    name: 'antigravity',
    title: 'Antigravity',
    paths: {
      base: '',
      authorize: '/o/oauth2/v2/auth',
      token: '/token',
      userinfo: '/oauth2/v1/userinfo',
    },
    client: {
      id: '1071006060591-tmhssin2h21lcre235vtolojh4g403ep.apps.googleusercontent.com',
      secret: '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',
    },
    redirectPath: '/oauth-callback',
    scopes: [
      ...googleScopes,
      'https://www.googleapis.com/auth/cclog',
      'https://www.googleapis.com/auth/experimentsandconfigs',
    ],
    pkce: { code: false, device: false },
    tokenBody: 'form',
    rotates: false,
    lifetime: hour - 1,
    prefixes: { access: 'ya29.', refresh: '1//0' },
    offline: offlineAccess,
  },
  kimi: {
    name: 'kimi',
    title: 'Kimi',
    paths: {
      base: '/coding',
      token: '/api/oauth/token',
      device: '/api/oauth/device_authorization',
      devicePage: '/device',
    },
    client: { id: '17e5f671-d194-4dfb-9706-5516cb48c098' },
    scopes: [],
    pkce: { code: false, device: false },
    tokenBody: 'form',
    rotates: true,
    lifetime: hour,
    prefixes: { access: 'kmat-', refresh: 'kmrt-' },
  },
  xai: {
    name: 'xai',
    title: 'xAI',
    paths: {
      base: '/v1',
      authorize: '/oauth2/authorize',
      token: '/oauth2/token',
      device: '/oauth2/device/code',
      devicePage: '/device',
      userinfo: '/oauth2/userinfo',
    },
    client: { id: 'b1a00492-073a-47ea-816f-4c329264a828' },
    redirectPath: '/callback',
    scopes: ['openid', 'profile', 'email', 'offline_access', 'grok-cli:access', 'api:access'],
    pkce: { code: true, device: false },
    tokenBody: 'form',
    rotates: true,
    lifetime: 6 * hour,
    prefixes: { access: 'xaat-', refresh: 'xart-' },
    offline: { scope: 'offline_access' },
  },
  vertex: {
    name: 'vertex',
    title: 'Vertex AI',
    paths: { base: '', token: '/token' },
    client: { id: '' },
    scopes: ['https://www.googleapis.com/auth/cloud-platform'],
    pkce: { code: false, device: false },
    tokenBody: 'form',
    rotates: false,
    lifetime: hour,
    prefixes: { access: 'ya29.c.', refresh: '' },
  },
};
