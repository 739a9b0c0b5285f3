/** The Anthropic Messages protocol: `POST /v1/messages` (platform.claude.com/docs/en/api/messages). */
import type { Codec } from '../codec.ts';
import { atOnce } from '../steps.ts';
import { addresses, tokenCounting } from './addresses.ts';
import { spokenText } from './answer-encode.ts';
import { answerBytes } from './answer-size.ts';
import { withoutInventedCitations } from './citations.ts';
import { decodeError, encodeError, isOwnError } from './errors.ts';
import { exactMembers } from './kept-fields.ts';
import { modelList } from './model-list.ts';
import { outputReader } from './output-schema.ts';
import { decodeRequest, demandNoThread } from './request-decode.ts';
import { encodingRequest, limitWithThinking } from './request-encode.ts';
import { requestMembers } from './request-members.ts';
import { decodeResponse, encodeResponse, holdsAnswer, mayBeGivenUp } from './response.ts';
import { sameProtocolSignatures, withAmount, withAnswerLimit } from './same-protocol.ts';
import { streamDecoder } from './stream-decode.ts';
import { streamEncoder } from './stream-encode.ts';
import { streamForm } from './stream-form.ts';
import { usageReader } from './usage.ts';

export const anthropicMessages: Codec = {
  protocol: 'anthropic-messages',
  signatures: 'anthropic',
  addresses,
  conversationField: 'messages',
  requestMembers,
  imageWords: ['image'],
  exactMembers,
  decodeRequest,
  demandTranslatable: demandNoThread,
  encodeRequest: atOnce(encodingRequest),
  encodingRequest,
  withAmount,
  withAnswerLimit,
  limitWithThinking,
  sameProtocolSignatures,
  ownedWords: [
    ...['"container', '"file_id', 'code_execution', '"thread"', '"diagnostics"', '"previous_message_id"'],
    '"fallback_credit_token"',
  ],
  withoutInvented: withoutInventedCitations,
  decodeResponse,
  encodeResponse,
  streamDecoder,
  streamEncoder,
  outputReader,
  decodeError,
  encodeError,
  isOwnError,
  holdsAnswer,
  answerMembers: ['content'],
  // platform.claude.com/docs/en/api/errors, "Request id"; the SDKs' `_request_id` and `error.requestID`.
  requestIdHeader: 'request-id',
  mayBeGivenUp,
  finishPattern: /"stop_reason"\s*:\s*"([^"\\]*)"/g,
  answerRoom: { holds: (media) => spokenText(media) !== '', severalAnswers: false },
  streamForm,
  usage: usageReader,
  answerBytes,
  tokenCounting,
  modelList,
};
