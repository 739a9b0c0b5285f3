/** OpenAI's embeddings endpoint. */
import type { CreateEmbeddingResponse, Embedding, EmbeddingCreateParams } from 'openai/resources/embeddings';
import { z } from 'zod';
import { base64OfVector, embeddingOf } from '../embedding.ts';
import type { JsonObject } from '../json.ts';
import { asArray, asNumber, asString } from '../json-members.ts';
import { integer, list, record, type Shape, text, word } from '../shape.ts';
import { tokensOf } from '../tokens.ts';
import { demandShape } from './errors.ts';

const tokenList = list(integer(0), 1, 8192);
const oneText = text({ pattern: /./s, expected: 'a text that is not empty' });

const body = record(
  {
    model: text({ min: 1 }),
    input: z.union([oneText, tokenList, list(z.union([oneText, tokenList]), 1, 2048)]),
  },
  {
    dimensions: integer(1, 4096),
    encoding_format: word('float', 'base64'),
    user: text(),
  } satisfies Record<Exclude<keyof EmbeddingCreateParams, 'input' | 'model'>, Shape>,
);

/** On the wire the vector may also be base64; the SDK decodes it. */
type WireEmbedding = Omit<Embedding, 'embedding'> & { embedding: number[] | string };
type WireEmbeddings = Omit<CreateEmbeddingResponse, 'data'> & { data: WireEmbedding[] };

/** Throws `Refused` for a request that api.openai.com refuses. */
export function writeEmbeddings(request: JsonObject): WireEmbeddings {
  demandShape(request, body);
  const { input } = request;
  const whole = typeof input === 'string' || asArray(input).every((item) => typeof item === 'number');
  const texts = (whole ? [input ?? ''] : asArray(input)).map((item) =>
    typeof item === 'string' ? item : JSON.stringify(item),
  );
  const tokens = texts.reduce((sum, item) => sum + tokensOf(item), 0);
  return {
    object: 'list',
    model: asString(request.model) ?? '',
    data: texts.map((item, index) => {
      const vector = embeddingOf(item, asNumber(request.dimensions));
      const embedding = request.encoding_format === 'base64' ? base64OfVector(vector) : vector;
      return { object: 'embedding', index, embedding };
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
