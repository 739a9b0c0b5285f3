/**
 * Keys that files of the peer may hold and that change nothing here. A file that has them loads; each is reported
 * once, by name. `[]` matches any place in a list, `*` any key. Everything below a row is accepted.
 */

import { keyLists, unusedKeys } from '../providers/registry.ts';

/** Why a key changes nothing: it has not been built, it will not be built, or its time has passed. */
export type InertReason = 'not-yet' | 'by-design' | 'obsolete';

export interface InertKey {
  key: string;
  reason: InertReason;
  /** What to do instead. */
  instead?: string;
}

function rows(reason: InertReason, keys: readonly string[], instead?: string): InertKey[] {
  return keys.map((key) => ({ key, reason, ...(instead === undefined ? {} : { instead }) }));
}

const ENTRY_KEYS = [...keyLists.map(([name]) => name), 'openai-compatibility'].flatMap((list) => [
  ...['force-mapping', 'is-compat'].map((field) => `${list}[].models[].${field}`),
]);

export const INERT_KEYS: readonly InertKey[] = [
  ...rows('not-yet', [
    'remote-management.disable-auto-update-panel',
    'remote-management.panel-github-repository',
    'pprof',
    'commercial-mode',
    'disable-image-generation',
    'gpt-image-2-base-model',
    'video-result-auth-cache-ttl',
    'auth-auto-refresh-workers',
    'ws-auth',
    'plugins',
    'oauth-model-alias.*[].force-mapping',
    ...ENTRY_KEYS,
    'openai-compatibility[].support-prompt-cache-key',
    'openai-compatibility[].models[].image',
    'openai-compatibility[].models[].input-modalities',
    'openai-compatibility[].models[].output-modalities',
  ]),
  ...rows('not-yet', unusedKeys('not-yet')),
  ...rows('by-design', unusedKeys('by-design')),
  ...rows(
    'obsolete',
    ['streaming.bootstrap-retries'],
    'the next credential always takes over before an answer begins, and max-retry-credentials limits how many do',
  ),
  ...rows(
    'obsolete',
    ['credential-concurrency', 'credential-in-flight'],
    'use concurrency in the entry of a credential or in the file of an account',
  ),
  ...rows('obsolete', ['ampcode', 'codex-instructions-enabled'], 'remove it'),
  ...rows(
    'obsolete',
    [
      'amp-upstream-url',
      'amp-upstream-api-key',
      'amp-restrict-management-to-localhost',
      'amp-model-mappings',
    ],
    'remove it: the addresses that Amp uses (/api/provider/…) are served without it',
  ),
  ...rows('obsolete', ['auth'], 'client keys are listed in api-keys'),
  ...rows(
    'obsolete',
    ['allow-localhost-unauthenticated'],
    'clients on this computer need a key as others do',
  ),
  ...rows('obsolete', ['request-timeout'], 'use timeouts'),
  ...rows('obsolete', ['gemini-web'], 'use gemini-api-key, or sign in: cli-proxy-api auth gemini'),
];

/** Names that people try for keys that are called otherwise. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  'openai-api-key': 'codex-api-key',
  openai: 'codex-api-key',
  codex: 'codex-api-key',
  'anthropic-api-key': 'claude-api-key',
  anthropic: 'claude-api-key',
  claude: 'claude-api-key',
  'google-api-key': 'gemini-api-key',
  gemini: 'gemini-api-key',
  'openai-compatible': 'openai-compatibility',
  listen: 'host',
  bind: 'host',
  address: 'host',
  url: 'base-url',
  endpoint: 'base-url',
  token: 'api-key',
  proxy: 'proxy-url',
  retries: 'request-retry',
  'log-level': 'debug',
};

/** The sentence for a key of the table that a file sets. */
export function inertMessage(row: InertKey): string {
  switch (row.reason) {
    case 'not-yet':
      return 'not supported yet, so it changes nothing';
    case 'by-design':
      return 'not supported by design: this gateway disguises neither itself nor its models, so the key changes nothing';
    case 'obsolete':
      return `does not exist here and changes nothing; ${row.instead ?? 'remove it'}`;
  }
}
