/** `annotations`: where statements of an answer come from. */

import { isObject, type Json, type JsonObject } from '../json.ts';
import { asNumber, asObject, asString } from '../json-members.ts';
import type { Citation } from '../model.ts';
import { keep, overlay, ownFields, rest } from './kept-fields.ts';

const annotationFields = new Set(['type', 'url_citation']);
const citationFields = new Set(['url', 'title', 'content', 'start_index', 'end_index']);

/** Reads a `url_citation`; undefined for annotations of other kinds. */
export function decodeAnnotation(value: Json): Citation | undefined {
  if (!isObject(value)) return undefined;
  const cited = asObject(value.url_citation);
  const url = asString(cited?.url);
  if (cited === undefined || url === undefined) return undefined;
  return {
    url,
    title: asString(cited.title),
    quote: asString(cited.content),
    start: asNumber(cited.start_index),
    end: asNumber(cited.end_index),
    extra: keep(rest(value, annotationFields, { url_citation: rest(cited, citationFields) }) ?? {}),
  };
}

/**
 * Writes a citation of a text that spans [`from`, `to`) of the answer's content; undefined for one without a URL.
 * Citations from elsewhere get the whole text as their span where they name none, for OpenAI's always has one.
 */
export function encodeAnnotation(citation: Citation, from: number, to: number): JsonObject | undefined {
  if (citation.url === undefined) return undefined;
  const fields = ownFields(citation.extra);
  const { start, end } = citation;
  if (fields !== undefined) {
    const cited = {
      url: citation.url,
      title: citation.title,
      content: citation.quote,
      start_index: start,
      end_index: end,
    };
    return { ...fields, type: 'url_citation', url_citation: overlay(cited, asObject(fields.url_citation)) };
  }
  return {
    type: 'url_citation',
    url_citation: {
      start_index: start === undefined ? from : from + start,
      end_index: end === undefined ? to : from + end,
      url: citation.url,
      title: citation.title ?? citation.url,
      ...(citation.quote !== undefined && { content: citation.quote }),
    },
  };
}
