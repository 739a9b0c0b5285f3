/** The sandbox's service account: its key file, and the tokens that assertions signed with it give (RFC 7523 §2.1). */
import type { JsonObject } from '../json.ts';
import { asNumber, asString } from '../json-members.ts';
import type { AccountCall, AccountDeps } from './account-deps.ts';
import { privatePem, verifiedClaims } from './keys.ts';
import { signIn } from './ledger.ts';
import { robot } from './people.ts';
import { services } from './services.ts';
import { type Granted, tokenRefusal } from './token-reply.ts';

export const assertionGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Seconds. Google takes assertions for at most an hour. https://developers.google.com/identity/protocols/oauth2/service-account */
const longestAssertion = 3600;
/** Seconds that clocks may differ. */
const skew = 300;

export const serviceProject = 'sandbox-project';

/** A key file as Google Cloud gives out, with its `token_uri` at the sandbox. `root` is Vertex' root there. */
export function serviceAccountFile(root: string, deps: AccountDeps): JsonObject {
  return {
    type: 'service_account',
    project_id: serviceProject,
    private_key_id: deps.serviceKey().id,
    private_key: privatePem(deps.serviceKey()),
    client_email: robot.email,
    client_id: '100000000000000000001',
    auth_uri: `${root}/o/oauth2/auth`,
    token_uri: root + services.vertex.paths.token,
    universe_domain: 'googleapis.com',
  };
}

export function serviceToken({ deps, root, name }: AccountCall, assertion: string): Granted {
  const refuse = (text: string): Response => tokenRefusal(name, 400, 'invalid_grant', text);
  const verified = verifiedClaims(deps.serviceKey(), assertion);
  if ('problem' in verified) return refuse(verified.problem);
  const { claims } = verified;
  if (claims.iss !== robot.email) return refuse('Invalid issuer: there is no such service account.');
  if (claims.aud !== root + services.vertex.paths.token) return refuse('Invalid audience.');
  const now = deps.ledger.now() / 1000;
  const from = asNumber(claims.iat);
  const until = asNumber(claims.exp);
  if (
    from === undefined ||
    until === undefined ||
    until <= now ||
    from > now + skew ||
    until - from > longestAssertion
  )
    return refuse('Invalid JWT: the token must be short-lived (60 minutes) and in a reasonable timeframe.');
  const scopes = (asString(claims.scope) ?? '').split(' ').filter((scope) => scope !== '');
  if (scopes.length === 0 || scopes.some((scope) => !services.vertex.scopes.includes(scope)))
    return tokenRefusal(name, 400, 'invalid_scope', 'The scope is missing or not known.');
  return { issued: signIn(deps.ledger, { provider: name, person: robot, scopes, offline: false }) };
}
