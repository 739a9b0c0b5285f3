/** The token endpoints: who asks, for which grant, and what goes wrong on request. */
import { dropped, htmlPage, pause } from '../delivery.ts';
import type { AccountCall } from './account-deps.ts';
import { type AccountFault, strike } from './account-faults.ts';
import { deviceGrant, pollDevice } from './device.ts';
import { type Fields, readFields } from './fields.ts';
import { exchange, refresh } from './grants.ts';
import { assertionGrant, serviceToken } from './service-account.ts';
import { services } from './services.ts';
import { type Granted, tokenRefusal, tokenReply } from './token-reply.ts';

export async function tokenEndpoint(call: AccountCall): Promise<Response> {
  const fields = await readFields(call);
  if (fields instanceof Response) return fields;
  const refused = clientProblem(call, fields);
  if (refused !== undefined) return refused;
  const grant = fields.get('grant_type');
  if (grant === deviceGrant && services[call.name].paths.device !== undefined && call.name !== 'codex')
    return finish(call, pollDevice(call, fields), undefined);
  const fault = strike(
    call.deps.faults,
    grant === 'refresh_token' ? ['refresh', 'token'] : ['token'],
    call.name,
    personOf(call, fields),
  );
  const early = await insteadOfGrant(call, fault);
  if (early !== undefined) return early;
  return finish(call, granted(call, fields, grant, fault), fault);
}

function granted(
  call: AccountCall,
  fields: Fields,
  grant: string | undefined,
  fault: AccountFault | undefined,
): Granted {
  if (call.name === 'vertex')
    return grant === assertionGrant
      ? serviceToken(call, fields.get('assertion') ?? '')
      : unsupported(call, grant);
  if (grant === 'authorization_code') return exchange(call, fields);
  if (grant === 'refresh_token') return refresh(call, fields, fault);
  return unsupported(call, grant);
}

function unsupported({ name }: AccountCall, grant: string | undefined): Response {
  return tokenRefusal(
    name,
    400,
    'unsupported_grant_type',
    `The grant type '${grant ?? ''}' is not known here.`,
  );
}

/** Who the client must prove to be. Vertex' clients prove it with the assertion. */
function clientProblem({ name, request }: AccountCall, fields: Fields): Response | undefined {
  if (name === 'vertex') return undefined;
  const { id, secret } = services[name].client;
  if (fields.get('client_id') !== id && !(name === 'iflow' && fields.get('client_id') === undefined))
    return tokenRefusal(name, 401, 'invalid_client', 'The OAuth client was not found.');
  if (secret === undefined) return undefined;
  const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
  if (name === 'iflow' && request.headers.get('authorization') !== basic)
    return tokenRefusal(name, 401, 'invalid_client', 'The Basic credentials are missing or wrong.');
  const given = fields.get('client_secret');
  return given === secret ||
    (name === 'iflow' && given === undefined && fields.get('grant_type') === 'refresh_token')
    ? undefined
    : tokenRefusal(name, 401, 'invalid_client', 'The provided client secret is invalid.');
}

function personOf({ deps }: AccountCall, fields: Fields): string | undefined {
  const { ledger } = deps;
  const login = ledger.refresh.get(fields.get('refresh_token') ?? '');
  return (login ?? ledger.codes.get(fields.get('code') ?? ''))?.person.id;
}

/** The answer of a fault that comes before the grant is looked at; `slow` only waits. */
async function insteadOfGrant(
  call: AccountCall,
  fault: AccountFault | undefined,
): Promise<Response | undefined> {
  const { name, request } = call;
  switch (fault?.fault) {
    case 'status': {
      const status = fault.status ?? 500;
      const wait: Record<string, string> =
        fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
      const error = status === 429 ? 'rate_limit_error' : 'server_error';
      return tokenRefusal(name, status, error, 'The sandbox was asked to fail here.', wait);
    }
    case 'invalid-grant':
      return tokenRefusal(name, 400, 'invalid_grant', 'The sandbox was asked to reject this grant.');
    case 'html':
      return htmlPage(fault.status ?? 502);
    case 'hang':
      await pause(undefined, request.signal);
      return htmlPage(504);
    case 'slow':
      await pause(fault.milliseconds ?? 1000, request.signal);
      return undefined;
    default:
      return undefined;
  }
}

/** `lost`: the grant is spent, and its answer never arrives. */
function finish(call: AccountCall, result: Granted, fault: AccountFault | undefined): Response {
  if (result instanceof Response) return result;
  if (fault?.fault === 'lost') return dropped({ journal: call.journal, signal: call.request.signal });
  return tokenReply(result.issued, call.root, call.deps);
}
