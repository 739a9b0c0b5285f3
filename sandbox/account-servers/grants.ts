/** Exchanges and refreshes. */

import type { AccountCall } from './account-deps.ts';
import type { AccountFault } from './account-faults.ts';
import type { Fields } from './fields.ts';
import { fitsChallenge, renew, signIn } from './ledger.ts';
import { services } from './services.ts';
import { accessWriter, type Granted, tokenRefusal } from './token-reply.ts';

/** RFC 6749 §4.1.3, with the verifier of RFC 7636 §4.6 and Claude's state. */
export function exchange(call: AccountCall, fields: Fields): Granted {
  const { name, deps, root } = call;
  const invalid = (text: string): Response => tokenRefusal(name, 400, 'invalid_grant', text);
  const { ledger } = deps;
  const code = ledger.codes.get(fields.get('code') ?? '');
  if (code === undefined || code.provider !== name) return invalid('The authorization code is not known.');
  if (code.spentFor !== undefined) {
    code.spentFor.revoked = true;
    return invalid('The authorization code was used before.');
  }
  if (code.expiresAt <= ledger.now()) return invalid('The authorization code has run out.');
  if (!sameRedirect(fields.get('redirect_uri'), code.redirectUri))
    return tokenRefusal(name, 400, 'redirect_uri_mismatch', 'The redirect_uri is another than before.');
  if (name === 'claude' && fields.get('state') !== code.state)
    return tokenRefusal(name, 400, 'invalid_request', 'The state is another than before.');
  const verifier = fields.get('code_verifier');
  if (code.challenge !== undefined && !(verifier !== undefined && fitsChallenge(verifier, code.challenge)))
    return invalid('The code_verifier does not fit the code_challenge.');
  const issued = signIn(
    ledger,
    { provider: name, person: code.person, scopes: code.scopes, offline: code.offline },
    accessWriter(name, root, deps),
  );
  code.spentFor = issued.login;
  return { issued };
}

/** A device's code comes back from an address of the server itself, whatever that is called here. */
function sameRedirect(given: string | undefined, before: string): boolean {
  if (given === before) return true;
  const path = '/deviceauth/callback';
  return before.endsWith(path) && given !== undefined && URL.parse(given)?.pathname.endsWith(path) === true;
}

/** What OpenAI calls the reasons; the others only say `invalid_grant`. */
const codexReasons = {
  reused: 'refresh_token_reused',
  revoked: 'refresh_token_invalidated',
  unknown: 'refresh_token_invalidated',
} as const;

const reasons = {
  reused: 'This refresh token was already used to get a new one. Please sign in again.',
  revoked: 'This refresh token was revoked. Please sign in again.',
  unknown: 'This refresh token is not known. Please sign in again.',
} as const;

/** Kimi answers a dead token with 401, OpenAI too; RFC 6749 §5.2 wants 400. */
function deadTokenStatus(name: AccountCall['name']): number {
  return name === 'kimi' || name === 'codex' ? 401 : 400;
}

/** RFC 6749 §6. */
export function refresh(call: AccountCall, fields: Fields, fault: AccountFault | undefined): Granted {
  const { name, deps, root } = call;
  const token = fields.get('refresh_token');
  if (token === undefined || token === '')
    return tokenRefusal(name, 400, 'invalid_request', 'The refresh_token is missing.');
  const known = deps.ledger.refresh.get(token);
  const rotate = services[name].rotates && fault?.fault !== 'no-refresh-token';
  const result =
    known !== undefined && known.provider !== name
      ? { ok: false as const, why: 'unknown' as const }
      : renew(deps.ledger, token, rotate, accessWriter(name, root, deps));
  if (result.ok) return { issued: result.issued };
  return tokenRefusal(
    name,
    deadTokenStatus(name),
    name === 'codex' ? codexReasons[result.why] : 'invalid_grant',
    reasons[result.why],
  );
}
