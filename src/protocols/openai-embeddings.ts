/** OpenAI's `/embeddings`, which belongs to both of its protocols (platform.openai.com/docs/api-reference/embeddings). */
import type { EmbeddingForm } from './embeddings.ts';
import {
  asArray,
  asNumber,
  asObject,
  asObjects,
  asString,
  InvalidRequest,
  isObject,
  type Json,
} from './json.ts';

export const openaiEmbeddings: EmbeddingForm = {
  /** Token arrays are read by OpenAI alone. */
  readRequest(body) {
    const texts = asArray(body.input).map((value, index) => {
      const text = asString(value);
      if (text === undefined)
        throw new InvalidRequest(`input.${index}`, 'this model takes texts, not token numbers');
      return text;
    });
    if (texts.length === 0) throw new InvalidRequest('input', 'expected a text or an array of texts');
    return { texts, dimensions: asNumber(body.dimensions) };
  },
  writeRequest: ({ texts, dimensions }, model) => ({
    model,
    input: [...texts],
    encoding_format: 'float',
    ...(dimensions !== undefined && { dimensions }),
  }),
  readAnswer: (body) => ({
    vectors: asObjects(body.data).map(({ embedding }) => numbersOf(embedding)),
    tokens: asNumber(asObject(body.usage)?.prompt_tokens),
  }),
  holdsVectors: ({ data }) =>
    Array.isArray(data) && data.some((one) => isObject(one) && Boolean(one.embedding)),
  answerMembers: ['data'],
  writeAnswer({ vectors, tokens = 0 }, { body, model }) {
    const packed = body.encoding_format === 'base64';
    return {
      object: 'list',
      data: vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: packed ? floatsToBase64(vector) : [...vector],
      })),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
  },
};

function numbersOf(value: Json | undefined): number[] {
  return asArray(value).flatMap((one) => (typeof one === 'number' ? [one] : []));
}

/** Little-endian 32-bit floats. */
function floatsToBase64(values: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  let binary = '';
  for (const byte of new Uint8Array(view.buffer)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
