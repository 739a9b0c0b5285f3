/**
 * An account file, with its tokens. A session alone never gives a secret: this one needs the management key once
 * more, so that a browser that was left open, or a cookie that was taken, does not give the accounts away.
 */
import { z } from 'zod';
import { problem } from './answers.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';
import { jsonOf } from './json-body.ts';
import type { OwnerRoutes } from './management-bridge.ts';

export interface AccountDownloadDeps extends OwnerRoutes {
  admitsKey(key: string, address: string | undefined, request: Request): Promise<boolean>;
}

const mostBytes = 16 * 1024;
const wanted = z.strictObject({ name: z.string().min(1), key: z.string().min(1) });

export function accountDownloadRoute({ asOwner, admitsKey }: AccountDownloadDeps): ApiRoute {
  return apiRoute('POST', 'account-file', 'owner', async ({ request, caller }) => {
    const given = wanted.safeParse(await jsonOf(request, mostBytes));
    if (!given.success)
      return problem(400, 'bad_input', 'Expected {"name": "FILE.json", "key": "the management key"}.');
    const { name, key } = given.data;
    if (!(await admitsKey(key, caller.address, request)))
      return problem(
        403,
        'wrong_key',
        'This is not the management key (remote-management.secret-key, MANAGEMENT_PASSWORD): the file holds tokens, so a session alone does not give it.',
      );
    const address = `http://gateway/v0/management/auth-files/download?name=${encodeURIComponent(name)}`;
    return asOwner(new Request(address), caller);
  });
}
