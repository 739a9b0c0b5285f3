/** What Gemini CLI and Antigravity have in common: one authorization server, each with its own client of it. */
import type { OAuthClient } from '../oauth/client.ts';

const scope = (name: string): string => `https://www.googleapis.com/auth/${name}`;

/** The scopes that both ask for. */
export const googleScopes = [scope('cloud-platform'), scope('userinfo.email'), scope('userinfo.profile')];

/** What Antigravity asks for besides. */
export const antigravityScopes = [...googleScopes, scope('cclog'), scope('experimentsandconfigs')];

export const googleUserinfoUrl = 'https://www.googleapis.com/oauth2/v1/userinfo?alt=json';

/**
 * Google's authorization server. Without `prompt=consent` a second login would get no refresh token.
 * Source: developers.google.com/identity/protocols/oauth2/native-app.
 */
export const googleOAuth = {
  tokenUrl: 'https://oauth2.googleapis.com/token',
  deviceAuthorizationUrl: undefined,
  userinfoUrl: googleUserinfoUrl,
  pkce: true,
  devicePkce: false,
  authorizeParameters: { access_type: 'offline', prompt: 'consent' },
  tokenRequest: 'form',
  // An installed program's secret is no secret to Google, but its token endpoint wants it.
  clientAuthentication: 'body',
  refreshScopes: [],
  deviceDialect: 'rfc8628',
  headers: {},
} satisfies Partial<OAuthClient>;
