import type { AccountProvider } from './account-provider.ts';
import { antigravityApis } from './code-assist-api.ts';
import { identifyAntigravity } from './google-account.ts';
import { codeAssistUrl } from './google-cloud.ts';
import { antigravityScopes, googleOAuth } from './google-oauth.ts';

/** Antigravity through a Google account: the same Code Assist API under another client. */
export const antigravity: AccountProvider = {
  kind: 'antigravity',
  title: 'Antigravity',
  oauth: {
    ...googleOAuth,
    title: 'Google (Antigravity)',
    authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    clientId: '1071006060591-tmhssin2h21lcre235vtolojh4g403ep.apps.googleusercontent.com',
    clientSecret: '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',
    scopes: antigravityScopes,
    redirect: { host: 'localhost', port: 51121, path: '/oauth-callback' },
    anyRedirectPort: true,
  },
  signIn: ['browser'],
  baseUrl: codeAssistUrl,
  refreshLead: 5 * 60_000,
  // developers.google.com/identity/protocols/oauth2/native-app, “Refreshing an access token”.
  refreshTokenStays: true,
  identify: identifyAntigravity,
  factsFromReply: () => ({}),
  identifiesOnRefresh: false,
  identity: (facts) => facts.email,
  apis: antigravityApis,
};
