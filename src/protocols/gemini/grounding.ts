/** Sources of an answer: `groundingMetadata` and `citationMetadata`, both ways. Google counts offsets in UTF-8 bytes. */
import { type AnswerBounds, countItems } from '../answer-bounds.ts';
import type { JsonObject } from '../json.ts';
import { asArray, asNumber, asObject, asObjects, asString } from '../json-members.ts';
import type { Citation } from '../model.ts';
import { type TextPlaces, textPlaces } from './text-places.ts';

/** The text that citations are offsets into. */
export interface CitedText {
  readonly text: string;
  /** Those of the text. */
  readonly places: TextPlaces;
  cite(citation: Citation): void;
}

/**
 * Hands each source that a candidate names to the text it belongs to. `locate` finds the text with this part index;
 * without an index it gives the text that sources without a place belong to.
 */
export function decodeCitations(
  candidate: JsonObject,
  bounds: Pick<AnswerBounds, 'items'>,
  locate: (partIndex?: number) => CitedText | undefined,
): void {
  const grounding = asObject(candidate.groundingMetadata);
  if (grounding !== undefined) decodeGrounding(grounding, bounds, locate);
  const recitation = asObject(candidate.citationMetadata);
  for (const source of asObjects(recitation?.citations ?? recitation?.citationSources)) {
    const place = locate();
    const citation = sourceOf(source);
    if (place === undefined || citation === undefined) continue;
    place.cite({ ...citation, ...range(place, source) });
  }
}

/** Characters of sources that are quoted, all citations together: each repeats its source. */
const mostQuoted = 1024 * 1024;

function decodeGrounding(
  grounding: JsonObject,
  bounds: Pick<AnswerBounds, 'items'>,
  locate: (partIndex?: number) => CitedText | undefined,
): void {
  let cited = 0;
  let quoted = 0;
  const sources = asArray(grounding.groundingChunks).map((chunk) => {
    const value = asObject(chunk);
    return sourceOf(asObject(value?.web) ?? asObject(value?.retrievedContext) ?? asObject(value?.maps) ?? {});
  });
  const placed = new Set<number>();
  for (const support of asObjects(grounding.groundingSupports)) {
    const segment = asObject(support.segment) ?? {};
    const place = locate(asNumber(segment.partIndex));
    if (place === undefined) continue;
    const found = range(place, segment);
    for (const index of asArray(support.groundingChunkIndices)) {
      const source = typeof index === 'number' ? sources[index] : undefined;
      if (typeof index !== 'number' || source === undefined) continue;
      placed.add(index);
      countItems(++cited, bounds);
      const { quote, ...named } = source;
      quoted += quote?.length ?? 0;
      place.cite({ ...(quoted > mostQuoted ? named : source), ...found });
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
  if ((url?.length ?? 0) + (title?.length ?? 0) > longestName) return undefined;
  return { ...(url && { url }), ...(title && { title }), ...(quote && { quote }) };
}

/** Characters of an address and a title: no source has longer ones, and each citation repeats them. */
const longestName = 16 * 1024;
/** Units of a text in which places are looked for, far above what a model writes: a text that grows is put together for it. */
const longestText = 2 * 1024 * 1024;

/** The segment's place in UTF-16 units; where its text is elsewhere, that place. */
function range({ text, places }: CitedText, segment: JsonObject): Pick<Citation, 'start' | 'end'> {
  if (text.length > longestText) return {};
  const last = asNumber(segment.endIndex);
  const words = asString(segment.text);
  if (last !== undefined) {
    const start = places.unitAt(text, asNumber(segment.startIndex) ?? 0);
    const end = places.unitAt(text, last);
    if (words === undefined || text.slice(start, end) === words) return start < end ? { start, end } : {};
  }
  const at = words ? places.find(text, words) : -1;
  return words === undefined || at < 0 ? {} : { start: at, end: at + words.length };
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
  const placesOf = new Map<number, TextPlaces>();
  let repeated = 0;
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
    const places = placesOf.get(partIndex) ?? textPlaces();
    placesOf.set(partIndex, places);
    const words = text.slice(start, end);
    repeated += words.length;
    const segment = {
      ...(partIndex > 0 && { partIndex }),
      startIndex: places.byteAt(text, start),
      endIndex: places.byteAt(text, end),
      ...(repeated <= mostQuoted && { text: words }),
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
