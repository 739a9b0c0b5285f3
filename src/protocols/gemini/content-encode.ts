/** Canonical parts → parts of a content, as far as requests and answers agree. */
import type { LossReport } from '../codec.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Extra, ToolCallPart } from '../model.ts';
import { argumentsObject } from './arguments.ts';
import { wireId } from './call-links.ts';
import { ownFields } from './kept-fields.ts';
import { encodeMedia, type MediaPart } from './media.ts';

/** The part with the fields that only this protocol knows; objects on both sides are joined. */
export function withOwnFields(part: JsonObject, extra: Extra | undefined): JsonObject {
  const fields = ownFields(extra);
  if (fields === undefined) return part;
  const joined: JsonObject = { ...part };
  for (const key in fields) {
    const own = fields[key];
    const known = part[key];
    joined[key] = isObject(own) && isObject(known) ? { ...own, ...known } : (own ?? known);
  }
  return joined;
}

/** The `functionCall` part, unsigned. `name` is the call's name on the wire. */
export function encodeCall(part: ToolCallPart, name: string): JsonObject {
  return withOwnFields(
    { functionCall: { ...wireId(part.id), name, args: argumentsObject(part.kind, part.input) } },
    part.extra,
  );
}

/** The `inlineData` or `fileData` part; undefined (and a report) when the API cannot reach the bytes. */
export function encodeMediaPart(part: MediaPart, report: LossReport): JsonObject | undefined {
  const media = encodeMedia(part, report);
  return media && withOwnFields(media, part.extra);
}
