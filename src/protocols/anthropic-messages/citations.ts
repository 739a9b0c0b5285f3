/** `citations` of text blocks. The API's own citations travel whole; foreign ones become web search locations. */
import { asString, type JsonObject } from '../json.ts';
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
export function isForeignCitation(value: JsonObject): boolean {
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
