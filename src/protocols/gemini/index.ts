/** The Gemini protocol: `models/*:generateContent` and `:streamGenerateContent` (ai.google.dev/api/generate-content). */
import type { Codec } from '../codec.ts';
import { decodeError, encodeError } from './errors.ts';
import { mayBeGivenUp } from './given-up.ts';
import { ownSignatures, withAmount, withAnswerLimit } from './own-request.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { decodeChunks, decodeResponse, encodeResponse } from './response.ts';
import { streamDecoder } from './stream-decode.ts';
import { streamEncoder } from './stream-encode.ts';
import { streamForm } from './stream-form.ts';
import { tokenCounting } from './token-counting.ts';
import { usageReader } from './usage.ts';

export { asksForNumbers, inNumbers } from './enum-numbers.ts';
export { jsonArrayFraming } from './json-array.ts';

export const gemini: Codec = {
  protocol: 'gemini',
  signatures: 'gemini',
  decodeRequest,
  encodeRequest,
  withAmount,
  withAnswerLimit,
  ownSignatures,
  decodeResponse,
  decodeChunks,
  encodeResponse,
  streamDecoder,
  streamEncoder,
  decodeError,
  encodeError,
  mayBeGivenUp,
  streamForm,
  usage: usageReader,
  tokenCounting,
};
