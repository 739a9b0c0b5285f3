/**
 * Google's Interactions API (ai.google.dev/api/interactions-api), forwarded as it is. What Google keeps for later stays with the key
 * that it was asked with, and that key is everybody's here: nothing that is kept is reached through the gateway, so that no client
 * gets at the conversations of another.
 */
import { InvalidRequest } from '../protocols/invalid-request.ts';
import type { Operation } from '../protocols/operation.ts';
import type { ReadRequest } from './read-request.ts';

export function isInteraction(operation: Operation): boolean {
  return operation === 'interact' || operation === 'interact-beta';
}

/** Throws for a request that goes on from one before, or is to be asked for later. */
export function demandWhole(read: ReadRequest): void {
  const json = read.json();
  // Google's servers read names in both spellings.
  if (json.previous_interaction_id !== undefined || json.previousInteractionId !== undefined)
    throw new InvalidRequest(
      'previous_interaction_id',
      'no interaction is kept here; send the whole conversation as input, with store: false',
      'unsupported_parameter',
    );
  if (json.background === true)
    throw new InvalidRequest(
      'background',
      'interactions are answered at once here, and none is kept to be asked for later',
      'unsupported_parameter',
    );
  if (json.agent !== undefined)
    throw new InvalidRequest(
      'agent',
      'agents are not forwarded; name a model, whose credential is then known',
      'unsupported_parameter',
    );
}
