/** Whole bodies as text. */
import type { HttpAnswer } from './message.ts';

const decoder = new TextDecoder();

/** The whole body as UTF-8. Rejects when it breaks off. */
export async function textOf(answer: Pick<HttpAnswer, 'bytes'>): Promise<string> {
  return decoder.decode(await answer.bytes());
}
