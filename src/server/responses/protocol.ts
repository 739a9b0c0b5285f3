/** The protocol whose answers are stored here, and its facts: the one that has a conversation state. */
import type { ConversationState } from '../../protocols/conversation-state.ts';
import type { Protocol } from '../../protocols/model.ts';
import { codecs } from '../../protocols/registry.ts';

function found(): { protocol: Protocol; state: ConversationState } {
  for (const { protocol, conversationState } of Object.values(codecs))
    if (conversationState !== undefined) return { protocol, state: conversationState };
  throw new Error('no protocol has a conversation state');
}

export const { protocol, state } = found();
