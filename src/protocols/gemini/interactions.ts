/**
 * Google's Interactions API (ai.google.dev/api/interactions-api), forwarded as it is. What Google keeps for later stays with the key
 * that it was asked with, and all clients of the gateway share that key: nothing that is kept is reached through the gateway, so that
 * no client gets at the conversations of another.
 */
import { InvalidRequest } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';

/** {@link Codec.demandForwardable}: throws for a request that goes on from one before, or is to be asked for later. */
export function demandForwardable(body: JsonObject): void {
  // Google's servers read names in both forms.
  if (body.previous_interaction_id !== undefined || body.previousInteractionId !== undefined)
    throw new InvalidRequest(
      'previous_interaction_id',
      'no interaction is stored here; send the whole conversation as input, with store: false',
      'unsupported_parameter',
    );
  // Some servers take other values than `true` for it.
  if (body.background !== undefined && body.background !== null && body.background !== false)
    throw new InvalidRequest(
      'background',
      'interactions are answered at once here, and none is stored for later',
      'unsupported_parameter',
    );
  if (body.agent !== undefined)
    throw new InvalidRequest(
      'agent',
      'agents are not forwarded; name a model, whose credential is then known',
      'unsupported_parameter',
    );
}
