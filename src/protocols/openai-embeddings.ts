/** OpenAI's `/embeddings`, which belongs to both of its protocols (platform.openai.com/docs/api-reference/embeddings). */
import { type EmbeddingForm, isVector, numbersIn } from './embeddings.ts';
import { InvalidRequest } from './invalid-request.ts';
import { isObject } from './json.ts';
import { asArray, asNumber, asObject, asObjects, asString } from './json-members.ts';

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
    vectors: asObjects(body.data).map(({ embedding }) => numbersIn(embedding)),
    tokens: asNumber(asObject(body.usage)?.prompt_tokens),
  }),
  holdsVectors: ({ data }) =>
    Array.isArray(data) && data.length > 0 && data.every((one) => isObject(one) && isVector(one.embedding)),
  answerMembers: ['data'],
  writeAnswer({ vectors, tokens = 0 }, { body, model }) {
    const packed = body.encoding_format === 'base64';
    return {
      object: 'list',
      data: vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: packed ? floatsToBase64(vector) : vector,
      })),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    };
  },
};

/** 32-bit floats, little-endian as every processor that this runs on has them. */
function floatsToBase64(values: readonly number[]): string {
  return new Uint8Array(new Float32Array(values).buffer).toBase64();
}
