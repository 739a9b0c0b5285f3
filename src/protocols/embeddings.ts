/** Embeddings: OpenAI's `/embeddings` and Gemini's `:embedContent` and `:batchEmbedContents`, one to the other. */
import { asArray, asNumber, asObject, asObjects, asString, InvalidRequest, type JsonObject } from './json.ts';

/** An OpenAI embeddings request as a Gemini batch. Throws {@link InvalidRequest} for token arrays, which only OpenAI reads. */
export function openaiToGeminiEmbed(body: JsonObject, model: string): JsonObject {
  const texts = asArray(body.input).map((value, index) => {
    const text = asString(value);
    if (text === undefined)
      throw new InvalidRequest(`input.${index}`, 'this model takes texts, not token numbers');
    return text;
  });
  if (texts.length === 0) throw new InvalidRequest('input', 'expected a text or an array of texts');
  return {
    requests: texts.map((text) => ({
      model: `models/${model}`,
      content: { parts: [{ text }] },
      outputDimensionality: asNumber(body.dimensions),
    })),
  };
}

/** Gemini's answer as OpenAI's list. `base64` asks for little-endian 32-bit floats, as OpenAI's `encoding_format` does. */
export function geminiToOpenaiEmbeddings(body: JsonObject, model: string, base64: boolean): JsonObject {
  const tokens = asNumber(asObject(body.usageMetadata)?.promptTokenCount) ?? 0;
  return {
    object: 'list',
    data: asObjects(body.embeddings).map((entry, index) => {
      const values = asArray(entry.values).flatMap((value) => (typeof value === 'number' ? [value] : []));
      return { object: 'embedding', index, embedding: base64 ? floatsToBase64(values) : values };
    }),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** A Gemini request, of one content or a batch, as OpenAI's. Throws {@link InvalidRequest} for contents that are no text. */
export function geminiToOpenaiEmbed(body: JsonObject, model: string): JsonObject {
  const requests = body.requests === undefined ? [body] : asObjects(body.requests);
  if (requests.length === 0) throw new InvalidRequest('requests', 'expected at least one request');
  const input = requests.map((request, index) => {
    const path = body.requests === undefined ? 'content' : `requests.${index}.content`;
    const parts = asObjects(asObject(request.content)?.parts);
    const texts = parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
    if (texts.length === 0 || texts.length < parts.length)
      throw new InvalidRequest(path, 'this model embeds texts only');
    return texts.join('\n');
  });
  const first = requests[0];
  const dimensions = asNumber(first?.outputDimensionality ?? first?.output_dimensionality);
  return { model, input, encoding_format: 'float', ...(dimensions !== undefined && { dimensions }) };
}

/** OpenAI's list as Gemini's answer, to one content or to a batch. */
export function openaiToGeminiEmbeddings(body: JsonObject, single: boolean): JsonObject {
  const embeddings = asObjects(body.data).map(({ embedding }) => ({ values: asArray(embedding) }));
  const promptTokenCount = asNumber(asObject(body.usage)?.prompt_tokens);
  const usage = promptTokenCount === undefined ? {} : { usageMetadata: { promptTokenCount } };
  return single ? { embedding: embeddings[0] ?? { values: [] }, ...usage } : { embeddings, ...usage };
}

/** A Gemini request with the upstream's name of the model wherever the body repeats it; the same object where it is there. */
export function renamedGeminiEmbed(body: JsonObject, model: string): JsonObject {
  const name = `models/${model}`;
  const named = (request: JsonObject): JsonObject =>
    request.model === undefined || request.model === name ? request : { ...request, model: name };
  if (body.requests === undefined) return named(body);
  const requests = asObjects(body.requests);
  return requests.every((request) => named(request) === request)
    ? body
    : { ...body, requests: requests.map(named) };
}

function floatsToBase64(values: number[]): string {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  let binary = '';
  for (const byte of new Uint8Array(view.buffer)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
