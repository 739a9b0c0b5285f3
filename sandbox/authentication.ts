/** Who is calling: the key as each provider takes it, and what each says when it is missing or wrong. */
import type { DialectName } from './dialect.ts';
import { Refused } from './failure.ts';

/** The one key that every provider of the sandbox rejects. */
const badKey = 'bad-key';

function bearer(headers: Headers): string | undefined {
  return /^Bearer\s+(\S.*)$/i.exec(headers.get('authorization') ?? '')?.[1];
}

/** The key in the places where the provider looks for it. */
export function keyOf(dialect: DialectName, headers: Headers, url: URL): string | undefined {
  switch (dialect) {
    case 'openai-chat':
    case 'openai-responses':
      return bearer(headers);
    case 'anthropic-messages':
      return headers.get('x-api-key') ?? bearer(headers);
    case 'gemini':
      return headers.get('x-goog-api-key') ?? url.searchParams.get('key') ?? bearer(headers);
  }
}

/** Throws `Refused` as the provider does. Google's AI Studio says 403 without a key and 400 to a wrong one. */
export function demandKey(dialect: DialectName, key: string | undefined): string {
  if (key !== undefined && key !== '' && key !== badKey) return key;
  const missing = key === undefined || key === '';
  if (dialect !== 'gemini') throw unauthorized(dialect, missing);
  throw new Refused(
    missing
      ? {
          status: 403,
          kind: 'permission',
          message: 'This method needs an API key, in the header x-goog-api-key or the query parameter key.',
        }
      : {
          status: 400,
          kind: 'invalid-request',
          message: 'API key not valid. Please pass a valid API key.',
          code: 'API_KEY_INVALID',
        },
  );
}

function unauthorized(dialect: DialectName, missing: boolean): Refused {
  const place = dialect === 'anthropic-messages' ? 'x-api-key' : 'Authorization';
  return new Refused({
    status: 401,
    kind: 'authentication',
    message: missing
      ? `The ${place} header with the API key is missing.`
      : `The API key in the ${place} header is not valid.`,
  });
}
