/** Has a stream of Chat Completions report its usage, where its client has not asked for that. */
import { isObject, type JsonObject, parseJson } from '../../protocols/json.ts';
import type { RequestBody } from './request.ts';

/** What a body says of `stream_options` when it asks for usage. */
export const withUsage = { include_usage: true } as const;

/** The `stream_options` to send instead of the client's; undefined where these ask for usage, or are nothing that one could add to. */
export function usageOptions(own: JsonObject[string] | undefined): JsonObject | undefined {
  if (own === undefined || own === null) return withUsage;
  if (!isObject(own) || own.include_usage === true) return undefined;
  return { ...own, ...withUsage };
}

/** A body for a service that refuses the field. */
export function withoutUsageOptions({ stream_options: _refused, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** A place of a body and the text that is to stand there. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** What is to be changed of the client's bytes, so that they ask for usage; undefined where nothing is. */
export function usageEdit({
  body,
  streamOptions,
}: Pick<RequestBody, 'body' | 'streamOptions'>): Edit | undefined {
  if (streamOptions === undefined) {
    const behindBrace = body.indexOf(0x7b) + 1;
    return { start: behindBrace, end: behindBrace, text: `"stream_options":${JSON.stringify(withUsage)},` };
  }
  const { start, end } = streamOptions;
  const options = usageOptions(parseJson(new TextDecoder().decode(body.subarray(start, end))));
  return options && { start, end, text: JSON.stringify(options) };
}

/** The bytes with all of these edits, which do not overlap. */
export function edited(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const ordered = [...edits].sort((one, other) => one.start - other.start);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, text } of ordered) {
    pieces.push(bytes.subarray(from, start), encoder.encode(text));
    from = end;
  }
  return new Uint8Array(Buffer.concat([...pieces, bytes.subarray(from)]));
}
