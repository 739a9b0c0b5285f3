/** The price data that the project genai-prices publishes, fetched when the owner asks for it. */
import { type Json, parseJson } from '../protocols/json.ts';

/** The data of the project's main branch; changed daily. */
export const publishedAt =
  'https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data_slim.json';

/** It is a third of a megabyte at present. */
const mostBytes = 16 * 1024 * 1024;
/** Milliseconds. */
const patience = 30_000;

/** Throws an Error with a sentence for a person when it cannot be had, is too long, takes too long or is no JSON. */
export async function publishedPrices(
  get: (url: string, init: RequestInit) => Promise<Response>,
): Promise<Json> {
  const answer = await get(publishedAt, { signal: AbortSignal.timeout(patience), redirect: 'follow' });
  if (!answer.ok) throw new Error(`${publishedAt} answered ${answer.status}`);
  return jsonOf(await boundedText(answer), publishedAt);
}

/** The JSON in a text. Throws an Error that names where it is from. */
function jsonOf(text: string, from: string): Json {
  const value = parseJson(text);
  if (value === undefined) throw new Error(`${from} is not JSON`);
  return value;
}

async function boundedText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) throw new Error(`${publishedAt} is longer than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
