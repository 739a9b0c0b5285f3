/** The protocols under all the names that people have for them. */
import type { Protocol } from './model.ts';

/** The peer's words for protocols, those that its documents use beside them, and ours; in lower case. */
export const protocolNames: Readonly<Record<string, Protocol>> = {
  'openai-chat': 'openai-chat',
  chat: 'openai-chat',
  openai: 'openai-chat',
  'openai-responses': 'openai-responses',
  responses: 'openai-responses',
  response: 'openai-responses',
  'openai-response': 'openai-responses',
  codex: 'openai-responses',
  'anthropic-messages': 'anthropic-messages',
  anthropic: 'anthropic-messages',
  claude: 'anthropic-messages',
  gemini: 'gemini',
};

/** The protocol of that name; undefined where none has it. */
export function protocolNamed(name: string): Protocol | undefined {
  const word = name.trim().toLowerCase();
  return Object.hasOwn(protocolNames, word) ? protocolNames[word] : undefined;
}
