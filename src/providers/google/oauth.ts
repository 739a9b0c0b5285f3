/** What accounts of Google have in common: one authorization server, each product with its own client of it. */
import { type OAuthClient, publicClient } from '../../oauth/client.ts';

/** A scope of Google by the end of its name. */
export const googleScope = (name: string): string => `https://www.googleapis.com/auth/${name}`;

/** The scopes that all ask for. */
export const googleScopes = [
  googleScope('cloud-platform'),
  googleScope('userinfo.email'),
  googleScope('userinfo.profile'),
];

export const googleUserinfoUrl = 'https://www.googleapis.com/oauth2/v1/userinfo?alt=json';

/**
 * Google's authorization server. Without `prompt=consent` a second login would get no refresh token.
 * Source: developers.google.com/identity/protocols/oauth2/native-app.
 */
export const googleOAuth = {
  ...publicClient,
  tokenUrl: 'https://oauth2.googleapis.com/token',
  userinfoUrl: googleUserinfoUrl,
  authorizeParameters: { access_type: 'offline', prompt: 'consent' },
  // An installed program's secret is no secret to Google, but its token endpoint wants it.
  clientAuthentication: 'body',
} satisfies Partial<OAuthClient>;
