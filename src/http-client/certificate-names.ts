/** Who a certificate is for. Source: RFC 9525 §6.3. */
import { isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';

/**
 * The error for a certificate without an alternative name of the server's kind. The runtime has compared the names that
 * there are; where there are none it would take the common name, which has no meaning any more.
 */
export function unnamed(
  hostname: string,
  { subjectaltname }: Pick<PeerCertificate, 'subjectaltname'>,
): Error | undefined {
  const kind = isIP(hostname) === 0 ? 'DNS:' : 'IP Address:';
  if (subjectaltname?.includes(kind)) return undefined;
  return new Error('the certificate of the server has no subjectAltName for it');
}
