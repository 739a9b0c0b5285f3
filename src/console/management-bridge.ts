/**
 * What the console asks of the management's own handlers: the same code answers panels, commands and pages. Only addresses
 * whose answers hold no secret are passed on; those that write secrets take them and never give them back. A client key is
 * given once, by what makes it.
 */
import type { Caller } from '../management/route.ts';
import { problem } from './answers.ts';
import { type ApiCall, type ApiRoute, apiRoute } from './api-route.ts';

export interface OwnerRoutes {
  /** Runs a request to `/v0/management/…` for somebody who may. */
  asOwner(request: Request, caller: Caller): Promise<Response>;
}

/** Methods and addresses below `/v0/management/`; `*` matches the rest of one. */
export const managedAddresses: readonly string[] = [
  'GET requests/*',
  'GET routing',
  'GET cooldowns',
  'DELETE cooldowns/*',
  'POST reset-quota',
  'GET quotas',
  'GET usage/*',
  'GET gateway',
  'GET cluster',
  'GET replica',
  'POST test-request',
  'GET refusals',
  'GET auth-files',
  'GET auth-files/models',
  'POST auth-files',
  'DELETE auth-files',
  'PATCH auth-files/*',
  'POST auth-files/*',
  'GET *-auth-url',
  'POST *-auth-url',
  'POST provider-keys',
  'PATCH provider-keys/*',
  'DELETE provider-keys/*',
  'GET get-auth-status',
  'POST oauth-callback',
  'DELETE oauth-session',
  'POST vertex/import',
  'GET client-keys',
  'POST client-keys',
  'PATCH client-keys/*',
  'POST client-keys/*',
  'DELETE client-keys/*',
  'GET config-versions',
  'POST config-versions/restore',
  'GET logs',
  'GET request-log-by-id/*',
  'GET latest-version',
];

const patterns = managedAddresses.map((line) => {
  const [method = '', path = ''] = line.split(' ');
  return { method, path: new RegExp(`^${path.replaceAll('*', '[^?#]*')}$`) };
});

export function managementBridge({ asOwner }: OwnerRoutes): ApiRoute[] {
  const run = ({ request, search, rest: path, caller }: ApiCall): Response | Promise<Response> => {
    if (!patterns.some((one) => one.method === request.method && one.path.test(path)))
      return problem(404, 'not_found', `There is no ${request.method} ${path} for the console.`);
    const query = search.size === 0 ? '' : `?${search}`;
    return asOwner(new Request(`http://gateway/v0/management/${path}${query}`, request), caller);
  };
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) =>
    apiRoute(method, 'management/*', 'owner', run),
  );
}
