/** {@link Codec.conversationState} of the Responses API. */
import type { ConversationState } from '../conversation-state.ts';
import { socketError, socketEvent, socketRequest, streamIdOf } from './client-socket.ts';
import { isUnknownAnswer, refusals } from './reference-refusals.ts';
import {
  asInput,
  idsIn,
  inputJson,
  isReference,
  itemsOf,
  mayNameIds,
  mayRefer,
  namedBy,
  references,
  written,
} from './references.ts';
import { storedAnswers } from './stored-answers.ts';
import { isEndedResponse, mayBeTerminal, responseInEvent } from './terminal-event.ts';
import { emptyAnswer } from './warm-up.ts';

export const conversationState: ConversationState = {
  mayRefer,
  mayNameIds,
  references,
  inputJson,
  isReference,
  namedBy,
  asInput,
  written,
  mayEndAnswer: mayBeTerminal,
  answerInEvent: responseInEvent,
  isEnded: isEndedResponse,
  itemsOf,
  idsIn,
  refusals,
  isUnknownAnswer,
  socketRequest,
  streamIdOf,
  socketEvent,
  socketError,
  emptyAnswer,
  stored: storedAnswers,
};
