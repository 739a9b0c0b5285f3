/** Where the gateway finds the sandbox's accounts: the `providers:` block of a configuration. */
import { stringify } from 'yaml';
import { type AccountName, accountNames, services } from './services.ts';

/** Under its keys in the configuration. */
export interface ProviderAddresses {
  'base-url': string;
  oauth: {
    'authorize-url'?: string;
    'token-url': string;
    'device-authorization-url'?: string;
    'userinfo-url'?: string;
  };
}

/** Root of everything that belongs to one provider: `http://127.0.0.1:8400/accounts/claude`. */
export function accountRoot(url: string, name: AccountName): string {
  return `${url}/accounts/${name}`;
}

/** The `providers` of a configuration whose logins and requests all go to the sandbox at `url` (no slash at the end). */
export function sandboxProviders(url: string): Record<AccountName, ProviderAddresses> {
  const of = (name: AccountName): ProviderAddresses => {
    const { paths } = services[name];
    const root = accountRoot(url, name);
    return {
      'base-url': root + paths.base,
      oauth: {
        ...(paths.authorize === undefined ? {} : { 'authorize-url': root + paths.authorize }),
        'token-url': root + paths.token,
        ...(paths.device === undefined ? {} : { 'device-authorization-url': root + paths.device }),
        ...(paths.userinfo === undefined ? {} : { 'userinfo-url': root + paths.userinfo }),
      },
    };
  };
  return {
    gemini: of('gemini'),
    claude: of('claude'),
    codex: of('codex'),
    qwen: of('qwen'),
    iflow: of('iflow'),
    antigravity: of('antigravity'),
    kimi: of('kimi'),
    xai: of('xai'),
    vertex: of('vertex'),
  };
}

/** The same as text for a configuration file. */
export function accountsYaml(url: string): string {
  return `# Logins and requests of all ${accountNames.length} account providers go to the sandbox at ${url}.\n${stringify({ providers: sandboxProviders(url) })}`;
}
