/** What Chat and Responses demand alike: names, schemas, images, sampling ranges. */
import { asArray, asObject, asString, type Json, type JsonObject } from '../../protocols/json.ts';
import { invalid } from '../failure.ts';
import type { Media } from '../prompt.ts';
import { base64, base64Bytes, dataUrl, number, type Shape, text, word, wrong } from '../shape.ts';

/** Function and schema names. */
export const name = text({
  pattern: /^[a-zA-Z0-9_-]{1,64}$/,
  expected: '1 to 64 letters, digits, underscores and dashes',
});

export const sampling = {
  temperature: number(0, 2),
  top_p: number(0, 1),
};

export const effort = word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');
export const verbosity = word('low', 'medium', 'high');
export const serviceTier = word('auto', 'default', 'flex', 'scale', 'priority', 'fast');
export const cacheRetention = word('in_memory', '24h');

const imageTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** An http(s) address or a data URL of an image type that OpenAI reads. */
export const imageUrl: Shape = (value) => {
  if (typeof value !== 'string') return text()(value);
  if (/^https?:\/\//.test(value)) return undefined;
  const data = dataUrl(value);
  if (data === undefined) return wrong('an http(s) URL or a base64 data URL', value);
  return imageTypes.includes(data.mediaType)
    ? base64(data.data)
    : wrong(`an image of type ${imageTypes.join(', ')}`, data.mediaType);
};

/** A data URL of any type. */
export const fileData: Shape = (value) => {
  if (typeof value !== 'string') return text()(value);
  const data = dataUrl(value);
  return data === undefined ? wrong('a base64 data URL', value) : base64(data.data);
};

/** The parameters of a function: JSON Schema of an object. */
export const parameters: Shape = (value) => {
  const schema = asObject(value);
  if (schema === undefined) return wrong('a JSON Schema', value);
  return schema.type === 'object' ? undefined : wrong('a JSON Schema with type: "object"', schema.type);
};

/** Media from an http(s) address or a data URL. */
export function mediaFrom(kind: Media['kind'], url: string, fileName?: string): Media {
  const data = dataUrl(url);
  const named = fileName === undefined ? {} : { name: fileName };
  return data === undefined
    ? { kind, url, ...named }
    : { kind, mediaType: data.mediaType, bytes: base64Bytes(data.data), ...named };
}

/**
 * Strict mode (functions and structured output): every object closed, every property required.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function demandStrict(schema: JsonObject, param: string, what: string): void {
  const problem = looseness(schema, []);
  if (problem === undefined) return;
  throw invalid(`Invalid schema for ${what}: ${problem}`, param, 'invalid_json_schema');
}

function looseness(schema: JsonObject, path: string[]): string | undefined {
  const place = path.length === 0 ? 'at the root' : `at ${path.join('.')}`;
  const properties = asObject(schema.properties);
  if (schema.type === 'object' || properties !== undefined) {
    if (schema.additionalProperties !== false) return `${place}, additionalProperties must be false`;
    const required = asArray(schema.required);
    const missing = Object.keys(properties ?? {}).find((property) => !required.includes(property));
    if (missing !== undefined) return `${place}, required must hold every property; ${missing} is missing`;
  }
  return below(schema, path);
}

function below(schema: JsonObject, path: string[]): string | undefined {
  for (const group of ['properties', '$defs', 'definitions']) {
    for (const [key, value] of Object.entries(asObject(schema[group]) ?? {})) {
      const problem = looseness(asObject(value) ?? {}, [...path, group, key]);
      if (problem !== undefined) return problem;
    }
  }
  const nested: Json[] = [...asArray(schema.items), ...asArray(schema.anyOf)];
  for (const value of nested) {
    const problem = looseness(asObject(value) ?? {}, [...path, 'items']);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** JSON mode wants the word in the prompt, so that the model does not write white space for ever. */
export function demandJsonWord(texts: string, param: string): void {
  if (!/json/i.test(texts))
    throw invalid(`With json_object the messages must contain the word 'json'.`, param);
}

/** The texts of content parts joined, for the tools' answers and for system messages. */
export function joinedText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return asArray(content)
    .map((part) => asString(asObject(part)?.text) ?? '')
    .join('\n');
}
