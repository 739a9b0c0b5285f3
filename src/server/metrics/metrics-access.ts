/** Access to the metrics: with a key, or from programs of this computer that connect directly. */
import { timingSafeEqual } from 'node:crypto';
import { foreignPageOf, nameOfHost } from '../../ground/foreign-page.ts';
import { isLoopback } from '../../ground/loopback.ts';
import { digest } from '../../management/management-key.ts';

/** `client`: a valid key of clients, which has no access here but is no guess. */
export type Access = 'granted' | 'missing' | 'client' | 'wrong';

export interface AccessRules {
  /** `metrics.token`. */
  token: string | undefined;
  /** Whether a text is a key of the management API that may be used from this address. */
  isManagementKey: (given: string, address: string | undefined) => Promise<boolean>;
  /** Whether a text is a key of a client. */
  isClientKey: (given: string) => boolean;
}

/** Headers that proxies add: RFC 7239, RFC 9110 §7.6.3, and what is in use beside them. */
const forwarding = [
  ...['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port'],
  ...['x-forwarded-server', 'x-real-ip', 'x-client-ip', 'cf-connecting-ip', 'true-client-ip'],
  ...['x-original-forwarded-for', 'x-cluster-client-ip', 'fastly-client-ip'],
];

/** `address` is that of whoever sent it. Of the keys that are sent one must be right, wherever it comes from. */
export async function metricsAccess(
  headers: Headers,
  address: string | undefined,
  { token, isManagementKey, isClientKey }: AccessRules,
): Promise<Access> {
  const bearer = /^bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const presented = [headers.get('x-management-key'), bearer].flatMap((key) => key?.trim() ?? []);
  if (presented.length === 0) return isStraightFromHere(headers, address) ? 'granted' : 'missing';
  for (const key of presented) {
    if (token !== undefined && timingSafeEqual(digest(key), digest(token))) return 'granted';
    if (await isManagementKey(key, address)) return 'granted';
  }
  return presented.some(isClientKey) ? 'client' : 'wrong';
}

/** A loopback socket alone proves little: a proxy on this computer has one, and so has a page whose name points here. */
function isStraightFromHere(headers: Headers, address: string | undefined): boolean {
  const host = headers.get('host');
  return (
    address !== undefined &&
    isLoopback(address) &&
    host !== null &&
    isLoopback(nameOfHost(host)) &&
    !forwarding.some((name) => headers.has(name)) &&
    foreignPageOf(headers) === undefined
  );
}
