/** Whole bodies as text. */
import type { BodyReader } from './body-queue.ts';
import { joined } from './joined-bytes.ts';
import type { HttpResponse } from './message.ts';

const decoder = new TextDecoder();

/** The whole body as UTF-8. Rejects as `bytes` does. */
export function textOf(answer: Pick<HttpResponse, 'bytes'>): Promise<string> {
  return answer.bytes().then(decode);
}

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The body as far as `most` bytes, as UTF-8; `whole` is false where it goes on, or breaks off. Never rejects. */
export async function textUpTo(reader: BodyReader, most: number): Promise<{ text: string; whole: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let whole = true;
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      pieces.push(piece.value.subarray(0, Math.max(0, most - size)));
      size += piece.value.length;
      if (size <= most) continue;
      whole = false;
      void reader.cancel().catch(() => undefined);
      break;
    }
  } catch {
    whole = false;
  }
  return { text: decoder.decode(joined(pieces)), whole };
}
