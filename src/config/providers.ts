/** `providers.<name>`: where a provider of signed-in accounts is, and how we are known there. */
import type { z } from 'zod';
import { fromEntries } from '../providers/from-entries.ts';
import { accountKinds, accountProviders } from '../providers/registry.ts';
import { flag, group, listOf, oneOf, secret, secureUrl, text, wholeNumber } from './values.ts';

const oauth = group({
  'authorize-url': secureUrl().optional().meta({ description: 'Page where the person agrees.' }),
  'token-url': secureUrl().optional().meta({ description: 'Where codes and refresh tokens become tokens.' }),
  'device-authorization-url': secureUrl().optional().meta({ description: 'Where a device login starts.' }),
  'userinfo-url': secureUrl().optional().meta({ description: 'Where the identity of the account is read.' }),
  'client-id': text('a client id').optional().meta({
    description: 'Another client than the shipped one; the shipped secret is not used with it.',
  }),
  'client-secret': secret().optional().meta({ description: 'The secret of that client.' }),
  scopes: listOf(text('a scope'), 'scopes').optional().meta({ description: 'The scopes of the login.' }),
  'redirect-port': wholeNumber(1, 65535)
    .optional()
    .meta({ description: 'Port on this computer that the browser comes back to.' }),
  'redirect-path': text('a path that begins with "/"')
    .refine((path) => /^\/[^\s?#]*$/.test(path))
    .optional()
    .meta({ description: 'Path there.' }),
});

const versions = ['1.0', '1.1', '1.2', '1.3'] as const;

const tls = group({
  'ca-file': text('the path of a certificate file').optional().meta({
    description: "Certificates, PEM, that the provider's certificate may come from besides the usual ones.",
  }),
  'client-certificate': text('the path of a certificate file')
    .optional()
    .meta({ description: 'Certificate that we show, PEM.' }),
  'client-key': text('the path of a key file').optional().meta({ description: 'Its private key, PEM.' }),
  'min-version': oneOf(versions).optional().meta({ description: 'Lowest version of TLS.' }),
  'max-version': oneOf(versions).optional().meta({ description: 'Highest version of TLS.' }),
  ciphers: text("a list of ciphers in OpenSSL's format")
    .optional()
    .meta({ description: "Allowed ciphers, in OpenSSL's format." }),
  http2: flag().default(false).meta({ description: 'Uses HTTP/2 if the provider supports it.' }),
}).check(({ value, issues }) => {
  const { 'client-certificate': certificate, 'client-key': key } = value;
  if ((certificate === undefined) !== (key === undefined))
    issues.push({
      code: 'custom',
      input: value,
      path: [certificate === undefined ? 'client-key' : 'client-certificate'],
      params: { sentence: 'client-certificate and client-key are of use only together', hint: 'name both' },
    });
  const { 'min-version': min, 'max-version': max } = value;
  if (min !== undefined && max !== undefined && min > max)
    issues.push({
      code: 'custom',
      input: value,
      path: ['min-version'],
      params: { sentence: `min-version ${min} is above max-version ${max}` },
    });
});

const provider = group({
  'base-url': secureUrl().optional().meta({
    description:
      'Address of the API. For Google accounts it replaces all of Google: Code Assist, projects, services and user info use it too.',
  }),
  oauth: oauth.prefault({}).meta({ description: 'The authorization server.' }),
  tls: tls.prefault({}).meta({ description: 'Connections to the provider.' }),
});

const entry = (whose: string) =>
  provider.prefault({}).meta({ description: `${whose}: what is different from the shipped settings.` });

/** By the names of `cli-proxy-api auth <name>`. */
export const providersSchema = group(
  fromEntries(accountKinds.map((kind) => [kind, entry(accountProviders[kind].title)])),
);

export type ProvidersConfig = z.output<typeof providersSchema>;
export type ProviderConfig = z.output<typeof provider>;
export type ProviderTls = ProviderConfig['tls'];

/** The same with the paths of its files made absolute. */
export function providersWithPaths(
  providers: ProvidersConfig,
  path: (written: string) => string,
): ProvidersConfig {
  const result = { ...providers };
  for (const name of accountKinds) {
    const { tls: written, ...rest } = providers[name];
    const tls = { ...written };
    for (const key of ['ca-file', 'client-certificate', 'client-key'] as const) {
      const file = written[key];
      if (file !== undefined) tls[key] = path(file);
    }
    result[name] = { ...rest, tls };
  }
  return result;
}
