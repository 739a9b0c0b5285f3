/** OpenAI Responses: `POST /v1/responses`, as api.openai.com, Codex backends and compatible upstreams speak it. */
import type { Codec } from '../codec.ts';
import { openaiEmbeddings } from '../openai-embeddings.ts';
import { openaiModelList } from '../openai-model-list.ts';
import { isOpenAiError } from '../own-error.ts';
import { atOnce } from '../steps.ts';
import { addresses, tokenCounting } from './addresses.ts';
import { speakable } from './answer-encode.ts';
import { answerBytes } from './answer-size.ts';
import { conversationState } from './conversation-state.ts';
import { decodeError, encodeError } from './errors.ts';
import { exactMembers, protocol } from './kept-fields.ts';
import { decodeRequest } from './request-decode.ts';
import { encodingRequest } from './request-encode.ts';
import { requestMembers } from './request-members.ts';
import { decodeResponse, encodeResponse, holdsAnswer, mayBeGivenUp } from './response.ts';
import { sameProtocolSignatures, withAmount, withAnswerLimit } from './same-protocol.ts';
import { streamDecoder } from './stream-decode.ts';
import { streamEncoder } from './stream-encode.ts';
import { streamForm } from './stream-form.ts';
import { usageReader } from './usage.ts';
import { webSocketForm } from './web-socket-form.ts';

/** The codec of the Responses API. */
export const openaiResponses: Codec = {
  protocol,
  signatures: 'openai',
  addresses,
  conversationField: 'input',
  exactMembers,
  argumentsAreText: true,
  requestMembers,
  imageWords: ['image', 'screenshot', 'file_data'],
  decodeRequest,
  encodeRequest: atOnce(encodingRequest),
  encodingRequest,
  withAmount,
  withAnswerLimit,
  sameProtocolSignatures,
  decodeResponse,
  encodeResponse,
  streamDecoder,
  streamEncoder,
  decodeError,
  encodeError,
  isOwnError: isOpenAiError,
  holdsAnswer,
  answerMembers: ['output'],
  mayBeGivenUp,
  ownFailures: /^cancelled$/,
  answerRoom: { holds: (media) => speakable(media) !== undefined, severalAnswers: false },
  streamForm,
  webSocketForm,
  conversationState,
  usage: usageReader,
  answerBytes,
  tokenCounting,
  embedding: openaiEmbeddings,
  modelList: openaiModelList,
};
