/** What a provider is: where its API is, how it wants to be asked, and which protocol it speaks. A record, no code paths of its own. */
import type { Protocol } from '../protocols/model.ts';

export const providerNames = [
  'gemini',
  'claude',
  'openai',
  'openai-compatibility',
  'vertex',
  'sandbox',
] as const;
export type ProviderName = (typeof providerNames)[number];

/** What can be asked of a provider. */
export type Operation = 'generate' | 'count-tokens' | 'embed';

export interface Provider {
  name: ProviderName;
  /** For people. */
  title: string;
  protocol: Protocol;
  /** Paths below the base URL. An absent operation is one that the provider does not have. */
  endpoints: Partial<Record<Operation, (call: { model: string; stream: boolean }) => string>>;
  /** Headers that prove who is asking. */
  authenticate: (secret: string, baseUrl: string) => Record<string, string>;
  /** Headers that the protocol demands of every request. */
  headers: Record<string, string>;
  /** Client headers that are part of the protocol and go through when both sides speak it. */
  forwards: readonly string[];
  /** Models that a credential without a `models` list serves; `*` stands for any text. */
  families: readonly string[];
}

/** The address for a path: a version segment that both the base and the path name stands once. */
export function endpointUrl(baseUrl: string, path: string): string {
  const base = baseUrl.endsWith('/') ? baseUrl.slice(0, -1) : baseUrl;
  const version = /^\/v\d[a-z0-9]*(?=\/)/.exec(path)?.[0];
  return version !== undefined && base.endsWith(version) ? base + path.slice(version.length) : base + path;
}

/** A bearer token (RFC 6750 §2.1); no header for providers that ask for no key. */
export function bearer(secret: string): Record<string, string> {
  return secret === '' ? {} : { authorization: `Bearer ${secret}` };
}
