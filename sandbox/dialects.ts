/** The four providers that the sandbox plays. */
import { streamMessage, writeMessage } from './anthropic/answer.ts';
import { anthropicError, anthropicErrorHeaders } from './anthropic/errors.ts';
import { readMessages } from './anthropic/request.ts';
import type { Dialect, DialectName } from './dialect.ts';
import { streamGemini, writeGemini } from './gemini/answer.ts';
import { geminiError } from './gemini/errors.ts';
import { readGemini } from './gemini/request.ts';
import { streamChat, writeChat } from './openai/chat-answer.ts';
import { readChat } from './openai/chat-request.ts';
import { openAiError, openAiErrorHeaders } from './openai/errors.ts';
import { streamResponse, writeResponse } from './openai/responses-answer.ts';
import { readResponses } from './openai/responses-request.ts';

export const dialects: Record<DialectName, Dialect> = {
  'openai-chat': {
    name: 'openai-chat',
    read: readChat,
    whole: writeChat,
    stream: streamChat,
    error: (failure) => ({ error: openAiError(failure) }),
    errorEvent: (failure) => ({ event: undefined, data: JSON.stringify({ error: openAiError(failure) }) }),
    errorHeaders: openAiErrorHeaders,
  },
  'openai-responses': {
    name: 'openai-responses',
    read: readResponses,
    whole: writeResponse,
    stream: streamResponse,
    error: (failure) => ({ error: openAiError(failure) }),
    errorEvent: (failure, sent) => ({
      event: 'error',
      data: JSON.stringify({ type: 'error', error: openAiError(failure), sequence_number: sent }),
    }),
    errorHeaders: openAiErrorHeaders,
  },
  'anthropic-messages': {
    name: 'anthropic-messages',
    read: readMessages,
    whole: writeMessage,
    stream: streamMessage,
    error: anthropicError,
    errorEvent: (failure) => ({ event: 'error', data: JSON.stringify(anthropicError(failure)) }),
    errorHeaders: anthropicErrorHeaders,
  },
  gemini: {
    name: 'gemini',
    read: readGemini,
    whole: writeGemini,
    stream: streamGemini,
    error: geminiError,
    errorEvent: (failure) => ({ event: undefined, data: JSON.stringify(geminiError(failure)) }),
    errorHeaders: () => ({}),
  },
};
