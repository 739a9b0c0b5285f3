/**
 * Duplicate members in the arguments of calls. Where arguments go on as they are written, so do both; where a translation reads them,
 * the last counts, as to every parser, and the loss of the others is reported.
 */

import { colon, openBrace, openBracket } from '../protocols/ascii.ts';
import type { LossReport } from '../protocols/codec.ts';
import { skipSpace, valueEnd, walkElements, walkMembers } from '../protocols/json-span.ts';
import type { Protocol } from '../protocols/model.ts';
import { codecs } from '../protocols/registry.ts';
import type { Request as CanonicalRequest } from '../protocols/request.ts';
import { doubledNames, nameIn } from './doubled-name.ts';

/** Members that are reported of one request. */
const mostReported = 16;
/** Levels that are looked at: arguments in a string may be nested as deep as they are long. */
const mostLevels = 256;
/** Characters of a name that a report has. */
const longestShown = 64;

/** Reports them, in steps. A request without calls costs a look at its parts. `body`: what the request was read from. */
export function* reportDoubled(
  { messages }: Pick<CanonicalRequest, 'messages'>,
  body: Uint8Array,
  { from, to }: { from: Protocol; to: Protocol },
  report: LossReport,
): Generator<void, void> {
  const isCalled = messages.some(({ parts }) => parts.some(({ type }) => type === 'tool-call'));
  if (!isCalled) return;
  let left = mostReported;
  const tell = (name: string): boolean => {
    report('dropped', `messages.tool-call.${name}`, 'it occurs twice in one object: the last one applies');
    left -= 1;
    return left > 0;
  };
  const { exactMembers: names, argumentsAreText } = codecs[from];
  if (names !== undefined && argumentsAreText !== true) {
    // Of such a client they are values in its body, where they have been read already.
    yield;
    eachDoubledBelow(body, names, tell);
    yield;
    return;
  }
  if (codecs[to].argumentsAreText === true) return;
  let sinceStep = 0;
  for (const { parts } of messages)
    for (const part of parts) {
      if (part.type !== 'tool-call' || part.kind !== 'function' || left <= 0) continue;
      eachDoubled(Buffer.from(part.input), tell);
      sinceStep += part.input.length;
      if (sinceStep < step) continue;
      sinceStep = 0;
      yield;
    }
}

/** Bytes that are looked at between two steps. */
const step = 256 * 1024;

/** The same in the values of members of these names, found by native search. */
function eachDoubledBelow(
  body: Uint8Array,
  names: ReadonlySet<string>,
  found: (name: string) => boolean,
): void {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (const name of names) {
    const key = `"${name}"`;
    for (let at = buffer.indexOf(key); at >= 0; at = buffer.indexOf(key, at)) {
      at += key.length;
      const colonAt = skipSpace(buffer, at);
      if (buffer[colonAt] !== colon) continue;
      const end = eachDoubled(buffer, found, colonAt + 1);
      if (end < 0) break;
      at = end;
    }
  }
}

/** Calls `found` with each name that occurred before in an object of the text, until it gives false. Returns the offset behind the value, or a negative one. */
function eachDoubled(buffer: Buffer, found: (name: string) => boolean, from = 0): number {
  const walk = (start: number, levels: number): number => {
    if (levels === 0) return valueEnd(buffer, start);
    if (buffer[start] === openBracket) return walkElements(buffer, start, (at) => walk(at, levels - 1));
    if (buffer[start] !== openBrace) return valueEnd(buffer, start);
    const isDoubled = doubledNames(buffer);
    return walkMembers(buffer, start, (keyStart, keyEnd, at) => {
      if (isDoubled(keyStart, keyEnd) && !found(nameIn(buffer, keyStart, keyEnd).slice(0, longestShown)))
        return -1;
      return walk(at, levels - 1);
    });
  };
  return walk(skipSpace(buffer, from), mostLevels);
}
