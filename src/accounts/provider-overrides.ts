/** Account providers as the configuration has them: a mirror or a test server may replace any of their addresses. */
import type { ProviderConfig, ProvidersConfig } from '../config/providers.ts';
import type { OAuthClient } from '../oauth/client.ts';
import type { JsonObject } from '../protocols/json.ts';
import type { AccountFacts, AccountProvider } from '../providers/account-provider.ts';
import type { Provider } from '../providers/provider.ts';
import type { AccountKind } from '../providers/registry.ts';
import { accountProviders } from '../providers/registry.ts';
import { connectionTo } from './provider-connection.ts';

/** The provider's record with the overrides of `providers.<kind>` in force. */
export function accountProvider(
  kind: AccountKind,
  config: { readonly providers: ProvidersConfig },
): AccountProvider {
  return withOverrides(accountProviders[kind], config.providers[kind]);
}

/** The record with the overrides of its own entry. */
function withOverrides(provider: AccountProvider, config: ProviderConfig): AccountProvider {
  const baseUrl = config['base-url'] ?? provider.baseUrl;
  const connection = connectionTo(config.tls);
  const { apis } = provider;
  const connected: AccountProvider['apis'] = (facts, addresses) =>
    apis(facts, addresses).map((api) => ({ ...api, provider: withConnection(api.provider, connection) }));
  return {
    ...provider,
    baseUrl,
    ...(provider.oauth === undefined ? { tokenUrl: config.oauth['token-url'] } : {}),
    apis: Object.keys(connection).length > 0 ? connected : apis,
    oauth: provider.oauth && clientWithOverrides(provider.oauth, config, provider.baseUrl),
  };
}

function withConnection(provider: Provider, connection: Pick<Provider, 'tls' | 'http2'>): Provider {
  const also = provider.also?.map((record) => withConnection(record, connection));
  return { ...provider, ...connection, ...(also && { also }) };
}

/** The client for one account (headers may identify the device); before a login there are no facts. Undefined for service accounts. */
export function oauthClient(provider: AccountProvider, facts: AccountFacts): OAuthClient | undefined {
  const { oauth, clientFor } = provider;
  return oauth && clientFor ? clientFor(oauth, facts) : oauth;
}

/** The key file of a service account as its tokens are asked for with it. */
export function serviceAccountKey({ tokenUrl }: AccountProvider, file: JsonObject): JsonObject {
  return tokenUrl === undefined ? file : { ...file, token_uri: tokenUrl };
}

function clientWithOverrides(
  client: OAuthClient,
  config: ProviderConfig,
  shippedBaseUrl: string,
): OAuthClient {
  const { oauth } = config;
  const scopes = oauth.scopes ?? client.scopes;
  return {
    ...client,
    authorizeUrl: oauth['authorize-url'] ?? client.authorizeUrl,
    tokenUrl: oauth['token-url'] ?? client.tokenUrl,
    deviceAuthorizationUrl: oauth['device-authorization-url'] ?? client.deviceAuthorizationUrl,
    userinfoUrl: oauth['userinfo-url'] ?? userinfoUrl(client.userinfoUrl, config['base-url'], shippedBaseUrl),
    ...identity(client, oauth['client-id'], oauth['client-secret']),
    scopes,
    // A refresh may not ask for more than the login did (RFC 6749 §6).
    refreshScopes: client.refreshScopes.filter((scope) => scopes.includes(scope)),
    redirect: client.redirect && {
      ...client.redirect,
      port: oauth['redirect-port'] ?? client.redirect.port,
      path: oauth['redirect-path'] ?? client.redirect.path,
    },
  };
}

/** Google's user info is one of the APIs that `base-url` replaces; others belong to the authorization server. */
function userinfoUrl(shipped: string | undefined, baseUrl: string | undefined, shippedBaseUrl: string) {
  if (shipped === undefined || baseUrl === undefined) return shipped;
  const { hostname, pathname, search } = new URL(shipped);
  const google = hostname.endsWith('.googleapis.com') && shippedBaseUrl.endsWith('.googleapis.com');
  return google ? baseUrl + pathname + search : shipped;
}

/** The shipped secret belongs to the shipped client. */
function identity(
  client: OAuthClient,
  id: string | undefined,
  secret: string | undefined,
): Pick<OAuthClient, 'clientId' | 'clientSecret' | 'clientAuthentication'> {
  const { clientId, clientSecret, clientAuthentication } = client;
  const shipped = id === undefined || id === clientId ? clientSecret : undefined;
  const inForce = secret ?? shipped;
  return {
    clientId: id ?? clientId,
    clientSecret: inForce,
    clientAuthentication:
      inForce === undefined ? 'none' : clientAuthentication === 'none' ? 'body' : clientAuthentication,
  };
}
