/** What Chat and Responses demand alike: names, schemas, images, sampling ranges. */

import { invalid } from '../failure.ts';
import type { Json } from '../json.ts';
import { asArray, asObject, asString } from '../json-members.ts';
import type { Media } from '../prompt.ts';
import { also, base64Bytes, dataUrl, isBase64, mapOf, number, text, word, wrong } from '../shape.ts';

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
export const imageUrl = also(text(), (value) => {
  if (/^https?:\/\//.test(value)) return undefined;
  const data = dataUrl(value);
  if (data === undefined) return wrong('an http(s) URL or a base64 data URL', value);
  if (!imageTypes.includes(data.mediaType))
    return wrong(`an image of type ${imageTypes.join(', ')}`, data.mediaType);
  return isBase64(data.data) ? undefined : wrong('base64 data', data.data);
});

/** A data URL of any type. */
export const fileData = also(text(), (value) => {
  const data = dataUrl(value);
  if (data === undefined) return wrong('a base64 data URL', value);
  return isBase64(data.data) ? undefined : wrong('base64 data', data.data);
});

/** Media from an http(s) address or a data URL. */
export function mediaFrom(kind: Media['kind'], url: string, fileName?: string): Media {
  const data = dataUrl(url);
  const named = fileName === undefined ? {} : { name: fileName };
  return data === undefined
    ? { kind, url, ...named }
    : { kind, mediaType: data.mediaType, bytes: base64Bytes(data.data), ...named };
}

/** "Set of 16 key-value pairs … Keys are strings with a maximum length of 64 characters. Values … 512 characters." */
export const metadata = also(mapOf(text({ max: 512 })), (value) => {
  const keys = Object.keys(value);
  if (keys.length > 16) return wrong('at most 16 pairs', `${keys.length} pairs`);
  const long = keys.find((key) => key.length > 64);
  return long === undefined ? undefined : wrong('keys of at most 64 characters', long);
});

/**
 * platform.openai.com/docs/api-reference: `prompt_cache_key`, and "maximum length of 64 characters" of `safety_identifier`;
 * maximhq/bifrost#1000 of `user`.
 */
export const shortKey = text({ max: 64 });

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
