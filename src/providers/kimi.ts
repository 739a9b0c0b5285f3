import { randomUUID } from 'node:crypto';
import { arch, hostname, type } from 'node:os';
import { version } from '../../package.json';
import type { OAuthClient } from '../oauth/client.ts';
import { idTokenClaims } from '../oauth/id-token.ts';
import { asString } from '../protocols/json.ts';
import type { AccountFacts, AccountProvider } from './account-provider.ts';
import { kimiApis } from './kimi-api.ts';
import { knownFacts } from './known-facts.ts';

const deviceIdHeader = 'x-msh-device-id';

/** Kimi wants to know which device asks; what is said is true. RFC 9110 §5.5: header values are ASCII. */
export function kimiHeaders(deviceId: string): Record<string, string> {
  return {
    'x-msh-platform': 'cli-proxy-api',
    'x-msh-version': version,
    'x-msh-device-name': hostname().replace(/[^\x21-\x7e]/g, '-') || 'unknown',
    'x-msh-device-model': `${type()} ${arch()}`,
    [deviceIdHeader]: deviceId,
  };
}

/** A login makes a device id; later calls for the account repeat it. */
function clientFor(client: OAuthClient, { deviceId }: AccountFacts): OAuthClient {
  return { ...client, headers: { ...client.headers, ...kimiHeaders(deviceId ?? randomUUID()) } };
}

/** Kimi for coding through an account at kimi.com. */
export const kimi: AccountProvider = {
  kind: 'kimi',
  title: 'Kimi',
  oauth: {
    title: 'Kimi',
    authorizeUrl: undefined,
    tokenUrl: 'https://auth.kimi.com/api/oauth/token',
    deviceAuthorizationUrl: 'https://auth.kimi.com/api/oauth/device_authorization',
    userinfoUrl: undefined,
    clientId: '17e5f671-d194-4dfb-9706-5516cb48c098',
    clientSecret: undefined,
    scopes: [],
    redirect: undefined,
    pkce: true,
    devicePkce: false,
    authorizeParameters: {},
    tokenRequest: 'form',
    clientAuthentication: 'none',
    refreshScopes: [],
    deadRefreshStatuses: [401, 403],
    deviceDialect: 'rfc8628',
    headers: {},
  },
  clientFor,
  signIn: ['device'],
  baseUrl: 'https://api.kimi.com/coding',
  refreshLead: 5 * 60_000,
  identify: async (tokens, client) => {
    const claims = idTokenClaims(tokens.accessToken);
    return {
      ok: true,
      facts: knownFacts({
        accountId: asString(claims?.user_id) ?? asString(claims?.sub),
        deviceId: client.headers[deviceIdHeader],
      }),
    };
  },
  factsFromReply: () => ({}),
  identifiesOnRefresh: false,
  identity: (facts) => facts.accountId ?? facts.deviceId,
  apis: (facts, addresses) => kimiApis(addresses, kimiHeaders(facts.deviceId ?? randomUUID())),
};
