import { anthropicMessages } from './anthropic-messages/index.ts';
import type { Codec } from './codec.ts';
import { gemini } from './gemini/index.ts';
import type { Protocol } from './model.ts';
import { openaiChat } from './openai-chat/index.ts';
import { openaiResponses } from './openai-responses/index.ts';
import { settled } from './settled-answer.ts';

/** The codec of each protocol. A new protocol is one new folder and one line here. */
export const codecs: Record<Protocol, Codec> = {
  'openai-chat': settled(openaiChat),
  'openai-responses': settled(openaiResponses),
  'anthropic-messages': settled(anthropicMessages),
  gemini: settled(gemini),
};
