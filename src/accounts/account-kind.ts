/** Which provider an account file is for: by its `type`, else by its name, else by its tokens. */
import { idTokenClaims } from '../oauth/id-token.ts';
import type { JsonObject } from '../protocols/json.ts';
import { asObject, asString } from '../protocols/json-members.ts';
import type { AccountProvider, AccountSigns } from '../providers/account-provider.ts';
import { type AccountKind, accountKinds, accountProviders } from '../providers/registry.ts';

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
  return (
    accountKinds.find((kind) => kind === lower) ??
    accountKinds.find((kind) => accountProviders[kind].files?.names?.includes(lower))
  );
}

function kindOfName(name: string): AccountKind | undefined {
  const words = name.toLowerCase().split(/[-_.]/);
  return kindNamed(words.slice(0, 2).join('-')) ?? kindNamed(words[0] ?? '');
}

function kindOfTokens(content: JsonObject): AccountKind | undefined {
  const found = (fits: (signs: AccountSigns, provider: AccountProvider) => boolean) =>
    accountKinds.find((kind) => fits(accountProviders[kind].files ?? {}, accountProviders[kind]));
  const hasField = ({ fields = [] }: AccountSigns) => fields.some((field) => content[field] !== undefined);
  // The token of a service account looks like any other of Google.
  const keyed = found((signs, { signIn }) => signIn.includes('file') && hasField(signs));
  if (keyed) return keyed;
  const nested = asObject(content.token) ?? asObject(content.Token);
  const accessToken = asString(content.access_token) ?? asString(nested?.access_token) ?? '';
  const begun = found(({ tokenStart }) => tokenStart !== undefined && accessToken.startsWith(tokenStart));
  if (begun) return begun;
  for (const token of [asString(content.id_token), accessToken]) {
    const issuer = asString((token ? idTokenClaims(token) : undefined)?.iss)?.replace(/\/$/, '');
    const kind = issuer === undefined ? undefined : found((signs) => signs.issuer === issuer);
    if (kind) return kind;
  }
  return found(hasField);
}
