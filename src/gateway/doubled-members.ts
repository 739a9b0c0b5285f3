/**
 * Members that an object of a JSON text has twice, at any depth. Here the last of them counts, as in `JSON.parse`; a provider that
 * is given the same bytes may take the first. What a rule has looked at must be what is sent.
 */
import { atOnce, runYielding, yieldToEventLoop } from '../ground/steps.ts';
import { colon, quote } from '../protocols/ascii.ts';
import { isWalkable } from '../protocols/exact-numbers.ts';
import type { Json, JsonObject } from '../protocols/json.ts';
import { behindString } from '../protocols/json-span.ts';
import type { ClientRequest } from './answer.ts';
import { scanEnvelope } from './body-scan.ts';
import { workedAtOnce } from './yield-for.ts';

/**
 * The request with each member once, as `value`, which its body was parsed to, has it; the same object where all occur once. Of a long body
 * others have their turn before, between and behind the looks at all of it.
 */
export async function withEachOnce(request: ClientRequest, value: JsonObject): Promise<ClientRequest> {
  const { body, modelSpan, streamOptions } = request;
  const steps = writingOnce(body, value);
  const isLong = body.length > workedAtOnce;
  if (isLong) await yieldToEventLoop();
  const once = isLong ? await runYielding(steps) : atOnce(steps);
  if (isLong) await yieldToEventLoop();
  if (once === body) return request;
  const scanned = modelSpan === undefined && streamOptions === undefined ? undefined : scanEnvelope(once);
  return {
    ...request,
    body: once,
    modelSpan: scanned?.modelSpan,
    ...(streamOptions !== undefined && { streamOptions: scanned?.streamOptions }),
  };
}

/** The same for a text alone, in steps. Where all members occur once, as nearly always, the cost is that of counting them. */
export function* writingOnce(
  text: Uint8Array<ArrayBuffer>,
  value: JsonObject,
): Generator<void, Uint8Array<ArrayBuffer>> {
  const written = membersIn(text);
  yield;
  if (written === membersOf(value)) return text;
  yield;
  return new TextEncoder().encode(JSON.stringify(value));
}

/** Whether a JSON text, which was parsed to `value`, has an object with the same member twice. */
export function hasDoubled(text: Uint8Array, value: Json): boolean {
  return membersIn(text) !== membersOf(value);
}

/** Each member has one colon outside of strings. */
function membersIn(text: Uint8Array): number {
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let count = 0;
  for (let at = 0; at < buffer.length; at++) {
    const byte = buffer[at];
    if (byte === colon) count += 1;
    else if (byte === quote) {
      const behind = behindString(buffer, at + 1);
      if (behind < 0) return count;
      at = behind - 1;
    }
  }
  return count;
}

function membersOf(value: Json): number {
  let count = 0;
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (Array.isArray(next)) {
      for (const item of next) if (isWalkable(item)) waiting.push(item);
    } else if (isWalkable(next))
      for (const name in next) {
        const member = Object.hasOwn(next, name) ? next[name] : undefined;
        if (member === undefined) continue;
        count += 1;
        if (isWalkable(member)) waiting.push(member);
      }
  }
  return count;
}
