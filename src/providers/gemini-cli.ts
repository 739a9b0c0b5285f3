import type { AccountProvider } from './account-provider.ts';
import { geminiCliApis } from './code-assist-api.ts';
import { identifyGemini } from './google-account.ts';
import { codeAssistUrl } from './google-cloud.ts';
import { googleOAuth, googleScopes } from './google-oauth.ts';

/** Gemini through a Google account: the Code Assist API that Gemini CLI uses. */
export const geminiCli: AccountProvider = {
  kind: 'gemini',
  title: 'Gemini CLI',
  oauth: {
    ...googleOAuth,
    title: 'Google (Gemini CLI)',
    authorizeUrl: 'https://accounts.google.com/o/oauth2/auth',
    clientId: '681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com',
    clientSecret: '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',
    scopes: googleScopes,
    redirect: { host: 'localhost', port: 8085, path: '/oauth2callback' },
    anyRedirectPort: true,
  },
  signIn: ['browser'],
  baseUrl: codeAssistUrl,
  refreshLead: 5 * 60_000,
  // developers.google.com/identity/protocols/oauth2/native-app, “Refreshing an access token”.
  refreshTokenStays: true,
  identify: identifyGemini,
  factsFromReply: () => ({}),
  identifiesOnRefresh: false,
  identity: (facts) => facts.email,
  apis: geminiCliApis,
};
