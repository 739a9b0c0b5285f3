/**
 * `citations` of text blocks. The API's own citations travel whole; foreign ones become web search locations whose index Claude
 * has not encrypted. It refuses those, so they are taken out of its own clients' requests; every other byte stays.
 */
import { type JsonObject, parseJson } from '../json.ts';
import { asObject, asString } from '../json-members.ts';
import { eachElement, eachMember, keyOf, type Span } from '../json-span.ts';
import type { Citation } from '../model.ts';
import { ownForm, toExtra } from './kept-fields.ts';

/**
 * Reads one citation. Its offsets count in the cited document, not in the text, so they stay in `extra`.
 * A web search location without `encrypted_index` is one that {@link encodeCitation} made from a foreign citation.
 */
export function decodeCitation(value: JsonObject): Citation {
  const citation: Citation = {};
  const url = asString(value.url);
  const title = asString(value.title) ?? asString(value.document_title);
  const quote = asString(value.cited_text);
  if (url !== undefined) citation.url = url;
  if (title !== undefined) citation.title = title;
  if (quote) citation.quote = quote;
  if (!isForeignCitation(value)) citation.extra = toExtra(undefined, value);
  return citation;
}

/** Whether the citation is one that {@link encodeCitation} made. */
function isForeignCitation(value: JsonObject): boolean {
  return value.type === 'web_search_result_location' && !value.encrypted_index;
}

/** For answers: undefined when the citation names no address and so has no place in this protocol. */
export function encodeCitation(citation: Citation): JsonObject | undefined {
  const own = ownForm(citation.extra);
  if (own !== undefined) return own;
  if (citation.url === undefined) return undefined;
  return {
    type: 'web_search_result_location',
    url: citation.url,
    title: citation.title ?? null,
    cited_text: citation.quote ?? '',
    encrypted_index: '',
  };
}

const mark = '"encrypted_index"';

/** The body without them; the very same bytes where there are none. */
export function withoutInventedCitations(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.includes(mark)) return bytes;
  const cuts: Span[] = [];
  member(buffer, 0, 'messages', (messages) => {
    eachElement(buffer, messages.start, (start) => {
      member(buffer, start, 'content', (content) => cutIn(buffer, content, cuts, deepest));
    });
  });
  if (cuts.length === 0) return bytes;
  const kept: Buffer[] = [];
  let from = 0;
  for (const { start, end } of cuts) {
    kept.push(buffer.subarray(from, start));
    from = end;
  }
  return new Uint8Array(Buffer.concat([...kept, buffer.subarray(from)]));
}

function member(buffer: Buffer, start: number, name: string, visit: (value: Span) => void): void {
  eachMember(buffer, start, (keyStart, keyEnd, valueStart, valueEnd) => {
    if (keyOf(buffer, keyStart, keyEnd, name.length) === name) visit({ start: valueStart, end: valueEnd });
  });
}

/** Levels of blocks inside of blocks: search results in the results of tools, which hold text. Each is read by itself. */
const deepest = 3;

/** What is to be cut in a list of blocks, those inside of results included. */
function cutIn(buffer: Buffer, content: Span, cuts: Span[], levels: number): void {
  eachElement(buffer, content.start, (start) => {
    const members: Span[] = [];
    eachMember(buffer, start, (keyStart, keyEnd, valueStart, valueEnd) => {
      members.push({ start: keyStart, end: valueEnd });
      const value = { start: valueStart, end: valueEnd };
      const key = keyOf(buffer, keyStart, keyEnd, 'citations'.length);
      if (key === 'content' && levels > 0) cutIn(buffer, value, cuts, levels - 1);
      if (key !== 'citations') return;
      const citations: Span[] = [];
      eachElement(buffer, valueStart, (from, to) => citations.push({ start: from, end: to }));
      const invented = citations.map((citation) => isInvented(buffer, citation));
      if (invented.length > 0 && invented.every(Boolean)) {
        // Without its citations the member is nothing; the text before it is its neighbour.
        const before = members.at(-2);
        if (before !== undefined) cuts.push({ start: before.end, end: valueEnd });
        else cuts.push({ start: valueStart + 1, end: valueEnd - 1 });
      } else cuts.push(...gaps(citations, invented));
    });
  });
}

function isInvented(buffer: Buffer, { start, end }: Span): boolean {
  const citation = asObject(parseJson(buffer.toString('utf8', start, end)));
  return citation !== undefined && isForeignCitation(citation);
}

/** The spans of the members of a list that go, each with one comma. Some stay. */
function gaps(all: readonly Span[], goes: readonly boolean[]): Span[] {
  let kept = false;
  return all.flatMap((one, i) => {
    if (goes[i] !== true) {
      kept = true;
      return [];
    }
    const before = all[i - 1];
    const behind = all[i + 1];
    if (kept && before !== undefined) return [{ start: before.end, end: one.end }];
    return behind === undefined ? [] : [{ start: one.start, end: behind.start }];
  });
}
