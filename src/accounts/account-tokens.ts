/** The tokens in an account file: read from every place where files keep them, and renewed in those same places. */
import type { TokenReply } from '../oauth/grant.ts';
import { isObject, type Json, type JsonObject } from '../protocols/json.ts';
import { asNumber, asString } from '../protocols/json-members.ts';
import type { AccountTokens } from './account.ts';
import type { FieldReader } from './field-reader.ts';
import { formatTime, formatTimeLike, readTime } from './file-time.ts';
import { removeMember, setMember } from './json-text.ts';

/** Where tokens are: at the top, or below `token` as in Gemini files. Tokens at the top were written later. */
const PLACES = [[], ['token'], ['Token']] as const;
/** Ours first. `expiry_date` is what several command line tools write. */
const EXPIRY = ['expiry', 'expired', 'expires_at', 'expiresAt', 'expire', 'expires', 'expiry_date'] as const;
const REFRESHED = ['last_refresh', 'lastRefresh', 'last_refreshed_at', 'lastRefreshedAt'] as const;
export const SIGN_IN_AGAIN = 'sign_in_again';

interface TokenPlace {
  path: readonly string[];
  fields: JsonObject;
}

function placesIn(content: JsonObject): readonly TokenPlace[] {
  return PLACES.flatMap((path) => {
    const fields = path.length === 0 ? content : content[path[0]];
    return isObject(fields) ? [{ path, fields }] : [];
  });
}

const text = (value: Json | undefined) => asString(value)?.trim() || undefined;
const holdsTokens = ({ fields }: TokenPlace) =>
  text(fields.access_token) !== undefined || text(fields.refresh_token) !== undefined;

/** The tokens that are valid longest, where a file holds several; wrong times are reported to the reader. */
export function readTokens(content: JsonObject, reader: FieldReader): AccountTokens {
  const places = placesIn(content).map((place) => ({ ...place, expiresAt: expiryOf(place, reader) }));
  const withTokens = places.filter(holdsTokens);
  const best = withTokens.reduce(
    (first, place) => ((place.expiresAt ?? 0) > (first?.expiresAt ?? 0) ? place : first),
    withTokens[0],
  );
  const anywhere = (field: string) =>
    text(best?.fields[field]) ?? places.map(({ fields }) => text(fields[field])).find(Boolean);
  return {
    accessToken: text(best?.fields.access_token) ?? anywhere('access_token'),
    refreshToken: anywhere('refresh_token'),
    idToken: anywhere('id_token'),
    tokenType: anywhere('token_type') ?? 'Bearer',
    expiresAt: best?.expiresAt ?? places.map(({ expiresAt }) => expiresAt).find(Boolean),
    refreshedAt: timeAt({ path: [], fields: content }, REFRESHED, reader),
  };
}

function expiryOf(place: TokenPlace, reader: FieldReader): number | undefined {
  const written = timeAt(place, EXPIRY, reader);
  if (written !== undefined) return written;
  const from = asNumber(place.fields.timestamp); // Milliseconds, beside `expires_in`, in the peer's files.
  const seconds = asNumber(place.fields.expires_in);
  return from && seconds ? from + seconds * 1000 : undefined;
}

function timeAt(place: TokenPlace, spellings: readonly string[], reader: FieldReader): number | undefined {
  for (const spelling of spellings) {
    const value = place.fields[spelling];
    const result = readTime(value);
    if (!result.ok)
      reader.wrong([...place.path, spelling].join('.'), 'a time such as 2026-03-11T16:30:00Z', value);
    else if (result.time !== undefined) return result.time;
  }
  return undefined;
}

/**
 * The file's text with the tokens of the reply, in every place, spelling and format that the text already has; what else it
 * holds stays byte for byte. `now` is milliseconds since the epoch.
 */
export function writeTokens(file: string, content: JsonObject, reply: TokenReply, now: number): string {
  const places = placesIn(content);
  const holders = places.filter(holdsTokens);
  let result = file;
  const set = (place: TokenPlace, field: string, value: Json | undefined) => {
    if (value !== undefined) result = setMember(result, [...place.path, field], value);
  };
  const renew = (place: TokenPlace, field: string, value: Json | undefined) => {
    if (place.fields[field] !== undefined) set(place, field, value);
  };
  const top = { path: [], fields: content };
  for (const holder of holders.length ? holders : [top]) {
    set(holder, 'access_token', reply.accessToken);
    set(holder, 'refresh_token', reply.refreshToken);
    renew(holder, 'token_type', reply.tokenType);
    renew(holder, 'scope', reply.scope);
    if (reply.expiresAt !== undefined)
      renew(holder, 'expires_in', Math.max(0, Math.round((reply.expiresAt - now) / 1000)));
    renew(holder, 'timestamp', formatTimeLike(holder.fields.timestamp, now));
    const spellings = EXPIRY.filter((spelling) => holder.fields[spelling] !== undefined);
    for (const spelling of spellings.length ? spellings : [EXPIRY[0]])
      set(holder, spelling, newExpiry(holder.fields[spelling], reply.expiresAt));
  }
  const idHolders = places.filter(({ fields }) => fields.id_token !== undefined);
  for (const holder of idHolders.length ? idHolders : [top]) set(holder, 'id_token', reply.idToken);
  const refreshed = REFRESHED.find((spelling) => content[spelling] !== undefined) ?? REFRESHED[0];
  set(top, refreshed, formatTimeLike(content[refreshed], now));
  return removeMember(result, [SIGN_IN_AGAIN]);
}

/** Null where an old time would be untrue and the server names no new one. */
function newExpiry(previous: Json | undefined, expiresAt: number | undefined): Json | undefined {
  if (expiresAt !== undefined) return formatTimeLike(previous, expiresAt);
  return previous === undefined ? undefined : null;
}

/** The tokens as fields of a new file. */
export function tokenFields(reply: TokenReply, now: number): JsonObject {
  return {
    access_token: reply.accessToken,
    refresh_token: reply.refreshToken,
    id_token: reply.idToken,
    token_type: reply.tokenType,
    expiry: reply.expiresAt === undefined ? undefined : formatTime(reply.expiresAt),
    scope: reply.scope,
    last_refresh: formatTime(now),
  };
}
