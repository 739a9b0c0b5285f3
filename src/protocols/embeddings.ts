/** Embeddings: OpenAI's `/embeddings` and Gemini's `:batchEmbedContents`, one to the other. */
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

function floatsToBase64(values: number[]): string {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  let binary = '';
  for (const byte of new Uint8Array(view.buffer)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
