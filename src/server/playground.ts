/** Requests that the console's owner sends from the playground: as one of the client keys, with its limits, or as the console itself. */
import type { ClientKey } from '../config/schema.ts';
import { type Admitted, clientAuth } from './client-auth.ts';
import type { Handler, Listener } from './handler.ts';

/** Who the console is in the log and in usage, where no client key is chosen. */
const consoleItself: Admitted = {
  client: { id: 'console', name: 'console' },
  limited: undefined,
  ends: undefined,
  presented: '',
};

/** The console keeps the connection open itself, and takes no WebSocket. */
const noListener: Listener = {
  requestIP: () => null,
  timeout: () => undefined,
  upgrade: () => false,
};

/**
 * Answers a request to one of the gateway's own addresses. `keyId`: the id of the client key that it counts for. Undefined where
 * there is no such key any more, or it does not open.
 */
export function ownersRequest(
  { handleAs }: Pick<Handler, 'handleAs'>,
  keys: () => readonly ClientKey[],
): (request: Request, keyId: string | undefined) => Promise<Response | undefined> {
  return async (request, keyId) => {
    const known =
      keyId === undefined ? consoleItself : keys().length === 0 ? undefined : clientAuth(keys()).byId(keyId);
    return known && handleAs(known, request, noListener);
  };
}
