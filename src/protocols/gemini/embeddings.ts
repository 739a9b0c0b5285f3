/** Gemini's `:embedContent` and `:batchEmbedContents` (ai.google.dev/api/embeddings). */
import { type EmbeddingForm, isVector, numbersIn } from '../embeddings.ts';
import { InvalidRequest } from '../invalid-request.ts';
import type { JsonObject } from '../json.ts';
import { asNumber, asObject, asObjects } from '../json-members.ts';

export const embedding: EmbeddingForm = {
  readRequest(body) {
    const requests = body.requests === undefined ? [body] : asObjects(body.requests);
    if (requests.length === 0) throw new InvalidRequest('requests', 'expected at least one request');
    const texts = requests.map((request, index) => {
      const path = body.requests === undefined ? 'content' : `requests.${index}.content`;
      const parts = asObjects(asObject(request.content)?.parts);
      const read = parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
      if (read.length === 0 || read.length < parts.length)
        throw new InvalidRequest(path, 'this model embeds texts only');
      return read.join('\n');
    });
    const first = requests[0];
    return { texts, dimensions: asNumber(first?.outputDimensionality ?? first?.output_dimensionality) };
  },
  writeRequest: ({ texts, dimensions }, model) => ({
    requests: texts.map((text) => ({
      model: `models/${model}`,
      content: { parts: [{ text }] },
      outputDimensionality: dimensions,
    })),
  }),
  readAnswer: (body) => ({
    vectors: asObjects(body.embeddings).map(({ values }) => numbersIn(values)),
    tokens: asNumber(asObject(body.usageMetadata)?.promptTokenCount),
  }),
  holdsVectors: ({ embedding, embeddings }) =>
    isVector(asObject(embedding)?.values) ||
    (Array.isArray(embeddings) &&
      embeddings.length > 0 &&
      embeddings.every((one) => isVector(asObject(one)?.values))),
  answerMembers: ['embedding', 'embeddings'],
  writeAnswer({ vectors, tokens }, { single }) {
    const embeddings = vectors.map((values) => ({ values }));
    const usage = tokens === undefined ? {} : { usageMetadata: { promptTokenCount: tokens } };
    return single ? { embedding: embeddings[0] ?? { values: [] }, ...usage } : { embeddings, ...usage };
  },
};

/**
 * {@link Codec.withModel}: a request to count or embed repeats the address's model, and Google goes by either. The same object where the
 * upstream's name is there.
 */
export function withModel(body: JsonObject, model: string): JsonObject {
  const name = `models/${model}`;
  const named = (request: JsonObject): JsonObject =>
    request.model === undefined || request.model === name ? request : { ...request, model: name };
  for (const wrapper of ['generateContentRequest', 'generate_content_request']) {
    const counted = asObject(body[wrapper]);
    // A request that is to be counted must have it.
    if (counted !== undefined && counted.model !== name)
      return { ...body, [wrapper]: { ...counted, model: name } };
  }
  if (body.requests === undefined) return named(body);
  const requests = asObjects(body.requests);
  return requests.every((request) => named(request) === request)
    ? body
    : { ...body, requests: requests.map(named) };
}
