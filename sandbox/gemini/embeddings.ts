/** Gemini's embedding methods. */
import type { ContentEmbedding } from '@google/genai';
import { embeddingOf } from '../embedding.ts';
import type { JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects, asString } from '../json-members.ts';
import { demandShape } from './errors.ts';
import { batchEmbedBody, camelCased, embedBody } from './shape.ts';

/** Throws `Refused` for a request that Google refuses. */
export function embedContent(raw: JsonObject): { embedding: ContentEmbedding } {
  const request = camelCased(raw);
  demandShape(request, embedBody);
  return { embedding: embedded(request) };
}

/** Throws `Refused` for a request that Google refuses. */
export function batchEmbedContents(raw: JsonObject): { embeddings: ContentEmbedding[] } {
  const request = camelCased(raw);
  demandShape(request, batchEmbedBody);
  return { embeddings: asObjects(request.requests).map(embedded) };
}

function embedded(request: JsonObject): ContentEmbedding {
  const parts = asObjects(asObject(request.content)?.parts);
  const text = parts.map((part) => asString(part.text) ?? JSON.stringify(part)).join('\n');
  return { values: embeddingOf(text, asNumber(request.outputDimensionality)) };
}
