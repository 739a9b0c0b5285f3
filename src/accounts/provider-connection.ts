/** `providers.<name>.tls` in the words of the runtime's `fetch`. */
import { constants } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import type { ProviderTls } from '../config/providers.ts';
import type { Provider } from '../providers/provider.ts';

/** Each version with the option that forbids it. Source: OpenSSL, SSL_CTX_set_options(3). */
const versions = [
  ['1.0', constants.SSL_OP_NO_TLSv1],
  ['1.1', constants.SSL_OP_NO_TLSv1_1],
  ['1.2', constants.SSL_OP_NO_TLSv1_2],
  ['1.3', constants.SSL_OP_NO_TLSv1_3],
] as const;

/** What of a provider's record the settings change; nothing without settings. Files are read when connections open. */
export function connectionTo(config: ProviderTls): Pick<Provider, 'tls' | 'http2'> {
  const tls = protection(config);
  return {
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
    ...(config.http2 ? { http2: true } : {}),
  };
}

function protection(config: ProviderTls): BunFetchRequestInitTLS {
  const { 'ca-file': ca, 'client-certificate': certificate, 'client-key': key, ciphers } = config;
  const forbidden = forbiddenVersions(config);
  return {
    ...(ca === undefined ? {} : { ca: [...rootCertificates, Bun.file(ca)] }),
    ...(certificate === undefined ? {} : { cert: Bun.file(certificate) }),
    ...(key === undefined ? {} : { key: Bun.file(key) }),
    ...(forbidden === 0 ? {} : { secureOptions: forbidden }),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
}

/** The runtime has no limits of its own for versions, but takes OpenSSL's options. */
function forbiddenVersions({ 'min-version': min, 'max-version': max }: ProviderTls): number {
  let options = 0;
  for (const [version, option] of versions) {
    if ((min !== undefined && version < min) || (max !== undefined && version > max)) options |= option;
  }
  return options;
}
