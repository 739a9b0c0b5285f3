/** Which provider an account file is for: by its `type`, else by its name, else by its tokens. */
import { idTokenClaims } from '../oauth/id-token.ts';
import { asObject, asString, type JsonObject, lookUp } from '../protocols/json.ts';
import { type AccountKind, accountKinds } from '../providers/account-provider.ts';

/** Other names that files use for a provider, by our own. */
const OTHER_NAMES: Readonly<Record<string, AccountKind>> = {
  'gemini-cli': 'gemini',
  google: 'gemini',
  anthropic: 'claude',
  'claude-code': 'claude',
  openai: 'codex',
  chatgpt: 'codex',
  'qwen-code': 'qwen',
  moonshot: 'kimi',
  grok: 'xai',
  'x-ai': 'xai',
  'vertex-ai': 'vertex',
  vertexai: 'vertex',
  service_account: 'vertex', // A key file as Google gives it out.
};

/** How access tokens and the issuers of id_tokens look, where they tell the provider. */
const TOKEN_SIGNS: readonly [start: string, kind: AccountKind][] = [
  ['ya29.', 'gemini'],
  ['sk-ant-', 'claude'],
];
const ISSUERS: Readonly<Record<string, AccountKind>> = {
  'https://auth.openai.com': 'codex',
  'https://auth.x.ai': 'xai',
  'https://auth.kimi.com': 'kimi',
};

export type FoundKind = { ok: true; kind: AccountKind } | { ok: false; expected: string };

/** The provider of the file's content; `name` is the file's name without directories. */
export function findKind(name: string, content: JsonObject): FoundKind {
  const type = asString(content.type)?.trim();
  if (type) {
    const kind = kindNamed(type);
    return kind ? { ok: true, kind } : { ok: false, expected: `one of ${accountKinds.join(', ')}` };
  }
  const kind = kindOfName(name) ?? kindOfTokens(content);
  return kind
    ? { ok: true, kind }
    : { ok: false, expected: `the provider, one of ${accountKinds.join(', ')}` };
}

function kindNamed(name: string): AccountKind | undefined {
  const lower = name.toLowerCase();
  return accountKinds.find((kind) => kind === lower) ?? lookUp(OTHER_NAMES, lower);
}

function kindOfName(name: string): AccountKind | undefined {
  const words = name.toLowerCase().split(/[-_.]/);
  return kindNamed(words.slice(0, 2).join('-')) ?? kindNamed(words[0] ?? '');
}

function kindOfTokens(content: JsonObject): AccountKind | undefined {
  if (content.service_account !== undefined) return 'vertex';
  const nested = asObject(content.token) ?? asObject(content.Token);
  const accessToken = asString(content.access_token) ?? asString(nested?.access_token) ?? '';
  const sign = TOKEN_SIGNS.find(([start]) => accessToken.startsWith(start));
  if (sign) return sign[1];
  for (const token of [asString(content.id_token), accessToken]) {
    const issuer = asString((token ? idTokenClaims(token) : undefined)?.iss)?.replace(/\/$/, '');
    const kind = lookUp(ISSUERS, issuer);
    if (kind) return kind;
  }
  if (nested) return 'gemini'; // Only Gemini files of the peer nest their tokens.
  if (content.resource_url !== undefined) return 'qwen';
  return undefined;
}
