/** The events of a stream that hold the whole response. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import { asObject, asString } from '../json-members.ts';

const terminalEvents: ReadonlySet<string | undefined> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.done',
]);

const words = [...terminalEvents].map((name) => `"${name}"`);

/** Whether an event of this name is the last of its answer. */
export function isTerminal(type: string | undefined): boolean {
  return terminalEvents.has(type);
}

/** Whether the data of an event may be a terminal one: worth being read. */
export function mayBeTerminal(data: Buffer): boolean {
  return words.some((word) => data.includes(word));
}

/** The response in a terminal event; undefined for all others. */
export function responseInEvent(value: Json | undefined): JsonObject | undefined {
  const event = asObject(value);
  return isTerminal(asString(event?.type)) ? asObject(event?.response) : undefined;
}

/** Whether it is a response that has ended. How one ends that goes on in the background is not known here. */
export function isEndedResponse(value: JsonObject | undefined): value is JsonObject & { id: string } {
  if (!isObject(value) || typeof value.id !== 'string' || value.object !== 'response') return false;
  return value.status !== 'queued' && value.status !== 'in_progress';
}
