import type { AccountProvider } from './account-provider.ts';
import { iflowApis } from './iflow-api.ts';
import { grantByCookie } from './iflow-cookie.ts';
import { identifyIflow } from './iflow-user.ts';

/** iFlow (iflow.cn). Its API takes a key that comes with the user's record, not the access token. */
export const iflow: AccountProvider = {
  kind: 'iflow',
  title: 'iFlow',
  oauth: {
    title: 'iFlow',
    authorizeUrl: 'https://iflow.cn/oauth',
    tokenUrl: 'https://iflow.cn/oauth/token',
    deviceAuthorizationUrl: undefined,
    userinfoUrl: 'https://iflow.cn/api/oauth/getUserInfo',
    clientId: '10009311001',
    clientSecret: '4Z3YjXycVsQvyGF1etiNlIBB4RsqSDtW',
    scopes: [],
    redirect: { host: 'localhost', port: 11451, path: '/oauth2callback' },
    pkce: false,
    devicePkce: false,
    redirectParameter: 'redirect',
    authorizeParameters: { loginMethod: 'phone', type: 'phone' },
    tokenRequest: 'form',
    clientAuthentication: 'body-and-basic',
    refreshScopes: [],
    deviceDialect: 'rfc8628',
    headers: {},
  },
  signIn: ['browser', 'cookie'],
  // The lead is the peer's: the platform gives a new key in the last days of the old one only.
  cookieSignIn: { site: 'platform.iflow.cn', refreshLead: 48 * 3_600_000, grant: grantByCookie },
  baseUrl: 'https://apis.iflow.cn/v1',
  refreshLead: 24 * 3_600_000,
  identify: identifyIflow,
  factsFromReply: () => ({}),
  identifiesOnRefresh: true,
  identity: (facts) => facts.email,
  apis: iflowApis,
};
