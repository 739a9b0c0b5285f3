/**
 * Where a call of a management client may go. A token goes to its provider's own hosts alone; nothing goes to this computer or
 * a network behind it, but for the address that the owner has configured for the very credential.
 */
import type { Credential } from '../credentials/credential.ts';
import { isPublicAddress } from '../ground/public-address.ts';
import { tokenHostsOf } from '../providers/registry.ts';

/** All addresses of a name; rejects where it has none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

export type CallVerdict =
  /** `at`: the address to connect to; undefined where the name may be looked up again, as only a provider has its certificate. */
  { ok: true; at: string | undefined } | { ok: false; reason: string };

export interface GuardedCall {
  url: URL;
  /** Whose token it carries, if it names one. */
  credential: Credential | undefined;
  /** Whether a secret of the credential goes along. */
  carriesToken: boolean;
}

/** Looks a name up at most once: the address that is judged is the one that is connected to. */
export async function judgeCall(
  { url, credential, carriesToken }: GuardedCall,
  resolve: Resolve,
): Promise<CallVerdict> {
  const place = credential === undefined ? 'elsewhere' : placeOf(url, credential);
  if (carriesToken && place === 'elsewhere')
    return {
      ok: false,
      reason: `the token of this credential goes to its provider alone, not to ${url.host}`,
    };
  if (place !== 'elsewhere') return { ok: true, at: undefined };
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  let addresses: readonly string[];
  try {
    addresses = isLiteral(hostname) ? [hostname] : await resolve(hostname);
  } catch {
    return { ok: false, reason: `${hostname} is not known` };
  }
  const [at] = addresses;
  // A name with one address inside is not taken for the sake of its others.
  if (at === undefined || !addresses.every(isPublicAddress))
    return { ok: false, reason: `${hostname} is no address of the internet` };
  return { ok: true, at };
}

/** Addresses that are written as such; the parser of addresses has made decimal and hexadecimal ones plain. */
function isLiteral(hostname: string): boolean {
  return /^[\d.]+$/.test(hostname) || hostname.includes(':');
}

/**
 * `provider`: one of the hosts of an account's provider, which proves by its certificate to be that. `configured`: where the
 * owner has the credential used, be it on this computer.
 */
function placeOf(
  url: URL,
  { account, provider, baseUrl }: Credential,
): 'provider' | 'configured' | 'elsewhere' {
  if (URL.parse(baseUrl)?.origin === url.origin) return 'configured';
  const known = account !== undefined && url.protocol === 'https:' && url.port === '';
  return known && tokenHostsOf(provider.name).includes(url.hostname) ? 'provider' : 'elsewhere';
}
