/** Sources of an answer: `groundingMetadata` and `citationMetadata`, both ways. Google counts offsets in UTF-8 bytes. */
import { asArray, asNumber, asObject, asObjects, asString, type JsonObject } from '../json.ts';
import type { Citation } from '../model.ts';

/** The text that citations are offsets into. */
interface CitedText {
  readonly text: string;
  cite(citation: Citation): void;
}

/**
 * Hands each source that a candidate names to the text it belongs to. `locate` finds the text with this part index;
 * without an index it gives the text that sources without a place belong to.
 */
export function decodeCitations(
  candidate: JsonObject,
  locate: (partIndex?: number) => CitedText | undefined,
): void {
  const grounding = asObject(candidate.groundingMetadata);
  if (grounding !== undefined) decodeGrounding(grounding, locate);
  const recitation = asObject(candidate.citationMetadata);
  for (const source of asObjects(recitation?.citations ?? recitation?.citationSources)) {
    const place = locate();
    const citation = sourceOf(source);
    if (place === undefined || citation === undefined) continue;
    place.cite({ ...citation, ...range(place.text, source) });
  }
}

function decodeGrounding(grounding: JsonObject, locate: (partIndex?: number) => CitedText | undefined): void {
  const sources = asArray(grounding.groundingChunks).map((chunk) => {
    const value = asObject(chunk);
    return sourceOf(asObject(value?.web) ?? asObject(value?.retrievedContext) ?? asObject(value?.maps) ?? {});
  });
  const placed = new Set<number>();
  for (const support of asObjects(grounding.groundingSupports)) {
    const segment = asObject(support.segment) ?? {};
    const place = locate(asNumber(segment.partIndex));
    if (place === undefined) continue;
    const found = range(place.text, segment);
    for (const index of asArray(support.groundingChunkIndices)) {
      const source = typeof index === 'number' ? sources[index] : undefined;
      if (typeof index !== 'number' || source === undefined) continue;
      placed.add(index);
      place.cite({ ...source, ...found });
    }
  }
  sources.forEach((source, index) => {
    if (source !== undefined && !placed.has(index)) locate()?.cite(source);
  });
}

function sourceOf(source: JsonObject): Citation | undefined {
  const url = asString(source.uri);
  const title = asString(source.title);
  const quote = asString(source.text);
  if (url === undefined && title === undefined) return undefined;
  return { ...(url && { url }), ...(title && { title }), ...(quote && { quote }) };
}

/** The segment's place in UTF-16 units; where its text does not stand there, the place where it does. */
function range(text: string, segment: JsonObject): Pick<Citation, 'start' | 'end'> {
  const last = asNumber(segment.endIndex);
  const words = asString(segment.text);
  if (last !== undefined) {
    const start = unitAt(text, asNumber(segment.startIndex) ?? 0);
    const end = unitAt(text, last);
    if (words === undefined || text.slice(start, end) === words) return start < end ? { start, end } : {};
  }
  const at = words ? text.indexOf(words) : -1;
  return words === undefined || at < 0 ? {} : { start: at, end: at + words.length };
}

/** UTF-8 bytes that the code unit at `at` adds; both halves of a pair together make four. */
function bytesAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit < 0xe000 ? 2 : 3;
}

function unitAt(text: string, byteOffset: number): number {
  let bytes = 0;
  let unit = 0;
  while (unit < text.length && bytes < byteOffset) bytes += bytesAt(text, unit++);
  return unit;
}

function byteAt(text: string, unitOffset: number): number {
  let bytes = 0;
  for (let unit = 0; unit < unitOffset && unit < text.length; unit++) bytes += bytesAt(text, unit);
  return bytes;
}

/** A citation, the text that it is an offset into, and that text's place among the parts. */
export interface WrittenCitation {
  citation: Citation;
  text: string;
  partIndex: number;
}

/** The `groundingMetadata` that names these sources; undefined when none has an address. */
export function encodeGrounding(citations: readonly WrittenCitation[]): JsonObject | undefined {
  const chunks: JsonObject[] = [];
  const chunkOfUrl = new Map<string, number>();
  const supports = new Map<string, { segment: JsonObject; groundingChunkIndices: number[] }>();
  for (const { citation, text, partIndex } of citations) {
    const { url, title, start, end } = citation;
    if (url === undefined) continue;
    const known = chunkOfUrl.get(url);
    const index = known ?? chunks.length;
    if (known === undefined) {
      chunkOfUrl.set(url, index);
      chunks.push({ web: { uri: url, ...(title !== undefined && { title }) } });
    }
    if (start === undefined || end === undefined || end <= start) continue;
    const place = `${partIndex} ${start} ${end}`;
    const support = supports.get(place);
    if (support !== undefined) {
      if (!support.groundingChunkIndices.includes(index)) support.groundingChunkIndices.push(index);
      continue;
    }
    const segment = {
      ...(partIndex > 0 && { partIndex }),
      startIndex: byteAt(text, start),
      endIndex: byteAt(text, end),
      text: text.slice(start, end),
    };
    supports.set(place, { segment, groundingChunkIndices: [index] });
  }
  if (chunks.length === 0) return undefined;
  return {
    groundingChunks: chunks,
    ...(supports.size > 0 && {
      groundingSupports: [...supports.values()].map((support) => ({ ...support })),
    }),
  };
}

/** Two chunks' `groundingMetadata` as one: lists grow, indices of the later one move along. */
export function joinGrounding(before: JsonObject, after: JsonObject): JsonObject {
  const known = asArray(before.groundingChunks);
  const added = asArray(after.groundingChunks);
  const written = known.map((chunk) => JSON.stringify(chunk));
  const repeats = known.every((_chunk, i) => JSON.stringify(added[i]) === written[i]);
  if (known.length === 0 || repeats) return { ...before, ...after };
  const shifted = asObjects(after.groundingSupports).map((support) => ({
    ...support,
    groundingChunkIndices: asArray(support.groundingChunkIndices).map((index) =>
      typeof index === 'number' && added.length > 0 ? index + known.length : index,
    ),
  }));
  return {
    ...before,
    ...after,
    groundingChunks: [...known, ...added],
    groundingSupports: [...asArray(before.groundingSupports), ...shifted],
  };
}
