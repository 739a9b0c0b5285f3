/** `finishReason`, both ways. */
import type { Finish, FinishReason } from '../model.ts';

/** Source: ai.google.dev/api/generate-content#FinishReason. Reasons that are not listed are `other`. */
const reasons: Record<string, FinishReason> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  BLOCKLIST: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
};

const words: Record<FinishReason, string> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  // The turn is not over, and that is the one word for it here.
  pause: 'MAX_TOKENS',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  other: 'OTHER',
};

/** Reads the reason. Google has no word for "stopped to call tools": an answer with calls says so by them. */
export function decodeFinish(native: string, called: boolean): Finish {
  const reason = reasons[native] ?? 'other';
  if (called && (reason === 'stop' || reason === 'other')) return { reason: 'tool-calls', native };
  return { reason, native };
}

/** The word for the reason; the upstream's own one where it was Google's. */
export function encodeFinish(finish: Finish, own: boolean): string {
  return own && finish.native !== undefined ? finish.native : words[finish.reason];
}
