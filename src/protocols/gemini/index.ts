/** The Gemini protocol: `models/*:generateContent` and `:streamGenerateContent` (ai.google.dev/api/generate-content). */
import type { Codec } from '../codec.ts';
import { isAtHand } from '../lost-parts.ts';
import { atOnce } from '../steps.ts';
import { addresses, tokenCounting } from './addresses.ts';
import { answerBytes } from './answer-size.ts';
import { embedding, withModel } from './embeddings.ts';
import { decodeError, encodeError, isOwnError } from './errors.ts';
import { demandForwardable } from './interactions.ts';
import { exactMembers } from './kept-fields.ts';
import { modelList } from './model-list.ts';
import { queryForms } from './query-forms.ts';
import { decodeRequest } from './request-decode.ts';
import { encodingRequest } from './request-encode.ts';
import { requestMembers } from './request-members.ts';
import { decodeChunks, decodeResponse, encodeResponse, holdsAnswer, mayBeGivenUp } from './response.ts';
import { sameProtocolSignatures, withAmount, withAnswerLimit } from './same-protocol.ts';
import { wrapMarks } from './signatures.ts';
import { streamDecoder } from './stream-decode.ts';
import { streamEncoder } from './stream-encode.ts';
import { streamForm } from './stream-form.ts';
import { usageReader } from './usage.ts';

export const gemini: Codec = {
  protocol: 'gemini',
  signatures: 'gemini',
  addresses,
  conversationField: 'contents',
  exactMembers,
  requestMembers,
  imageWords: ['image', 'inlineData', 'inline_data', 'fileData', 'file_data'],
  decodeRequest,
  demandForwardable,
  encodeRequest: atOnce(encodingRequest),
  encodingRequest,
  withAmount,
  withAnswerLimit,
  sameProtocolSignatures,
  wrapMarks,
  withModel,
  ownedWords: [
    ...['achedContent', 'ached_content', 'fileUri', 'file_uri'],
    ...['"environment', '"continuation', '"from_environment"', '"fromEnvironment"'],
  ],
  decodeResponse,
  decodeChunks,
  encodeResponse,
  streamDecoder,
  streamEncoder,
  decodeError,
  encodeError,
  isOwnError,
  holdsAnswer,
  answerMembers: ['candidates', 'promptFeedback', 'prompt_feedback', 'response'],
  mayBeGivenUp,
  ownFailures: /^[A-Z][A-Z_]*$/,
  answerRoom: { holds: (media) => isAtHand(media.source), severalAnswers: true },
  streamForm,
  queryForms,
  usage: usageReader,
  answerBytes,
  tokenCounting,
  embedding,
  modelList,
};
