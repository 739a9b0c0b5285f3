/** Who is signed in, and what else a login looks up: user information, keys, projects. */
import { createHash } from 'node:crypto';
import { jsonAnswer } from '../delivery.ts';
import type { JsonObject } from '../json.ts';
import { type AccountCall, bearerToken, statusFault } from './account-deps.ts';
import { foreignProject, isEnabled, owns } from './code-assist.ts';
import { publicJwk } from './keys.ts';
import { holder } from './ledger.ts';
import type { Person } from './people.ts';
import { unauthorized } from './refusals.ts';
import { services } from './services.ts';

/** The person behind the bearer token, or the provider's 401. */
export function demandPerson({ deps, name, request }: AccountCall): Person | Response {
  const login = holder(deps.ledger, name, bearerToken(request) ?? '');
  return login?.person ?? unauthorized(name);
}

export function userinfo(call: AccountCall): Response {
  if (call.name === 'iflow') return iflowUser(call);
  const person = demandPerson(call);
  if (person instanceof Response) return person;
  return statusFault(call, 'userinfo', person.id) ?? jsonAnswer(profile(call, person));
}

function profile(
  { name }: AccountCall,
  { uuid, email, name: called, organization, workspace }: Person,
): JsonObject {
  switch (name) {
    case 'claude':
      return {
        account: {
          uuid,
          email,
          full_name: called,
          display_name: called,
          has_claude_max: workspace.plan === 'pro',
        },
        organization: { ...organization, organization_type: 'claude_pro', rate_limit_tier: 'default_claude' },
      };
    case 'xai':
      return { sub: uuid, email, email_verified: true, name: called };
    default:
      return { id: numericId(uuid), email, verified_email: true, name: called, given_name: called };
  }
}

/** Google's account ids are digits. */
function numericId(uuid: string): string {
  return BigInt(`0x${createHash('sha256').update(uuid).digest('hex').slice(0, 16)}`).toString();
}

/**
 * iFlow's own: the token stands in the query, a refusal comes with status 200, and the answer holds the key that the API
 * takes. The key lives as long as the token that it was asked for with.
 */
function iflowUser(call: AccountCall): Response {
  const { deps, url, name } = call;
  const token = url.searchParams.get('accessToken') ?? '';
  const login = holder(deps.ledger, name, token);
  const entry = deps.ledger.access.get(token);
  if (login === undefined || entry === undefined)
    return jsonAnswer({ success: false, code: '401', message: 'The access token is not valid.', data: null });
  const failed = statusFault(call, 'userinfo', login.person.id);
  if (failed !== undefined) return failed;
  const apiKey = `sk-${createHash('sha256').update(`iflow ${token}`).digest('hex').slice(0, 32)}`;
  deps.ledger.apiKeys.set(apiKey, entry);
  const { email, phone, name: userName } = login.person;
  return jsonAnswer({ success: true, code: '200', message: null, data: { apiKey, email, phone, userName } });
}

/** OpenID Connect Discovery 1.0 §4. */
export function discovery({ name, root }: AccountCall): Response {
  const { paths, scopes } = services[name];
  return jsonAnswer({
    issuer: root,
    ...(paths.authorize === undefined ? {} : { authorization_endpoint: root + paths.authorize }),
    token_endpoint: root + paths.token,
    ...(paths.device === undefined ? {} : { device_authorization_endpoint: root + paths.device }),
    ...(paths.userinfo === undefined ? {} : { userinfo_endpoint: root + paths.userinfo }),
    jwks_uri: `${root}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: [...scopes],
  });
}

/** RFC 7517 §5. */
export function keySet({ deps }: AccountCall): Response {
  return jsonAnswer({ keys: [publicJwk(deps.identityKey())] });
}

/** Cloud Resource Manager's list of projects. */
export function projectList(call: AccountCall): Response {
  const person = demandPerson(call);
  if (person instanceof Response) return person;
  const projects = person.google.projects.map(({ projectId, name }) => ({
    projectNumber: numericId(projectId).slice(0, 12),
    projectId,
    name,
    lifecycleState: 'ACTIVE',
  }));
  return jsonAnswer({ projects });
}

/** Service Usage: whether the Gemini for Google Cloud API is on in a project, and switching it on. */
export function serviceUsage(call: AccountCall, project: string, enable: boolean): Response {
  const person = demandPerson(call);
  if (person instanceof Response) return person;
  if (!owns(person, project)) return foreignProject(project);
  const name = `projects/${project}/services/cloudaicompanion.googleapis.com`;
  if (enable) {
    call.deps.ledger.enabled.add(project);
    return jsonAnswer({
      name: `operations/enable-${project}`,
      done: true,
      response: { service: { name, state: 'ENABLED' } },
    });
  }
  const state = isEnabled(call.deps, person, project) ? 'ENABLED' : 'DISABLED';
  return jsonAnswer({ name, parent: `projects/${project}`, state });
}
