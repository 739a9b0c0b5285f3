/** A request's body, decompressed and parsed. */

import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { invalid, Refused } from './failure.ts';
import { isObject, type JsonObject, lookUp, parseJson } from './json.ts';

const decompress: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** The JSON object in the body. Throws `Refused` for anything else. */
export async function readBody(request: Request): Promise<JsonObject> {
  const encoding = request.headers.get('content-encoding');
  const text = encoding === null ? await request.text() : decompressed(await request.bytes(), encoding);
  const body = parseJson(text);
  if (isObject(body)) return body;
  throw invalid(
    text === '' ? 'The body is empty; a JSON object is expected.' : 'The body is not a JSON object.',
  );
}

function decompressed(bytes: Uint8Array, encoding: string): string {
  const open = lookUp(decompress, encoding);
  if (open === undefined && encoding !== 'identity')
    throw new Refused({
      status: 415,
      kind: 'invalid-request',
      message: `The content encoding '${encoding}' is not known.`,
    });
  try {
    return new TextDecoder().decode(open === undefined ? bytes : open(bytes));
  } catch (cause) {
    throw invalid(`The body is not valid ${encoding}: ${cause instanceof Error ? cause.message : cause}`);
  }
}
