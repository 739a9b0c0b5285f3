/** An authorization server on loopback that rotates refresh tokens, and takes one that comes twice for stolen. */

import { type JsonObject, parseJson } from '../../src/protocols/json.ts';
import { asObject, asString } from '../../src/protocols/json-members.ts';

export interface Family {
  /** Of the latest tokens; each refresh makes the next. */
  generation: number;
  /** A refresh token came twice: everything of this login is void. */
  revoked: boolean;
  refreshes: number;
  /** Times that the latest tokens were given anew because nobody had used them yet. */
  forgiven: number;
}

export interface RotatingTokens extends Disposable {
  /** The token endpoint. */
  url: string;
  family(name: string): Family;
  /** The tokens of a new login, in the words of the token endpoint. */
  signIn(name: string): JsonObject;
}

export interface RotatingOptions {
  /** Seconds. */
  lifetime?: number;
  /**
   * Gives the latest tokens again to who comes with the ones before, as long as the latest were not used: for answers that
   * were lost on their way.
   */
  forgiving?: boolean;
  /** Runs while the one who refreshes waits. */
  during?: (name: string) => void | Promise<void>;
  /** Runs when new tokens go out. */
  given?: (name: string) => void;
}

export function startRotatingTokens({
  lifetime = 3600,
  forgiving = false,
  during,
  given,
}: RotatingOptions = {}): RotatingTokens {
  const families = new Map<string, Family>();
  const family = (name: string): Family => {
    const known = families.get(name);
    if (known !== undefined) return known;
    const made: Family = { generation: 1, revoked: false, refreshes: 0, forgiven: 0 };
    families.set(name, made);
    return made;
  };
  const tokens = (name: string): JsonObject => ({
    access_token: `access.${name}.${family(name).generation}`,
    refresh_token: `refresh.${name}.${family(name).generation}`,
    token_type: 'Bearer',
    expires_in: lifetime,
  });
  const invalid = (error_description: string) =>
    Response.json({ error: 'invalid_grant', error_description }, { status: 400 });

  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const [kind, name = '', generation] = (refreshTokenIn(await request.text()) ?? '').split('.');
      const known = families.get(name);
      if (kind !== 'refresh' || known === undefined) return invalid('unknown refresh token');
      if (known.revoked) return invalid('this login was revoked');
      const again = Number(generation) === known.generation - 1 && forgiving;
      if (Number(generation) !== known.generation && !again) {
        known.revoked = true;
        return invalid('this refresh token was used before');
      }
      if (again) known.forgiven += 1;
      else known.generation += 1;
      known.refreshes += 1;
      await during?.(name);
      given?.(name);
      return Response.json(tokens(name));
    },
  });
  return {
    url: server.url.href,
    family,
    signIn: tokens,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

/** Some clients write a form, some JSON. */
function refreshTokenIn(body: string): string | undefined {
  return (
    asString(asObject(parseJson(body))?.refresh_token) ??
    new URLSearchParams(body).get('refresh_token') ??
    undefined
  );
}
