/** The OpenAI Chat Completions protocol. */
import type { Codec } from '../codec.ts';
import { isAtHand } from '../lost-parts.ts';
import { openaiEmbeddings } from '../openai-embeddings.ts';
import { openaiModelList } from '../openai-model-list.ts';
import { isOpenAiError } from '../own-error.ts';
import { atOnce } from '../steps.ts';
import { addresses, tokenCounting } from './addresses.ts';
import { answerBytes } from './answer-size.ts';
import { decodeError, encodeError } from './errors.ts';
import { exactMembers, protocol } from './kept-fields.ts';
import { completions } from './legacy-completions.ts';
import { decodeRequest } from './request-decode.ts';
import { encodingRequest } from './request-encode.ts';
import { requestMembers } from './request-members.ts';
import { decodeResponse, encodeResponse, holdsAnswer, isSayable, mayBeGivenUp } from './response.ts';
import { sameProtocolSignatures, withAmount, withAnswerLimit } from './same-protocol.ts';
import { streamDecoder } from './stream-decode.ts';
import { streamEncoder } from './stream-encode.ts';
import { streamForm } from './stream-form.ts';
import { streamUsage } from './stream-usage.ts';
import { usageReader } from './usage.ts';

export const openaiChat: Codec = {
  protocol,
  signatures: 'chat',
  addresses,
  conversationField: 'messages',
  exactMembers,
  argumentsAreText: true,
  requestMembers,
  imageWords: ['image', 'file_data'],
  decodeRequest,
  encodeRequest: atOnce(encodingRequest),
  encodingRequest,
  withAmount,
  withAnswerLimit,
  sameProtocolSignatures,
  ownedWords: ['"audio"', '"file_id'],
  decodeResponse,
  encodeResponse,
  streamDecoder,
  streamEncoder,
  decodeError,
  encodeError,
  isOwnError: isOpenAiError,
  holdsAnswer,
  answerMembers: ['choices'],
  mayBeGivenUp,
  finishPattern: /"finish_reason"\s*:\s*"([^"\\]*)"/g,
  answerRoom: { holds: (media) => isSayable(media) && isAtHand(media.source), severalAnswers: true },
  streamForm,
  streamUsage,
  completions,
  usage: usageReader,
  answerBytes,
  tokenCounting,
  embedding: openaiEmbeddings,
  modelList: openaiModelList,
};
