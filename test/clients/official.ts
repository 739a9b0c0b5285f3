/** Every official client, every upstream protocol, streamed and not: the rows of all tables in this folder. */
import { type Protocol, protocols } from '../../src/protocols/model.ts';
import { anthropicClient } from './anthropic.ts';
import type { OfficialClient } from './conversation.ts';
import { geminiClient } from './gemini.ts';
import { openaiChatClient } from './openai-chat.ts';
import { openaiResponsesClient } from './openai-responses.ts';

export const officialClients: readonly OfficialClient[] = [
  openaiChatClient,
  openaiResponsesClient,
  anthropicClient,
  geminiClient,
];

/** A client, an upstream's protocol, and whether it streams. `how` is for test names. */
export interface Pairing {
  client: OfficialClient;
  upstream: Protocol;
  stream: boolean;
  title: string;
}

export const pairings: readonly Pairing[] = officialClients.flatMap((client) =>
  protocols.flatMap((upstream) =>
    [false, true].map((stream) => ({
      client,
      upstream,
      stream,
      title: `${client.name} over ${upstream}${stream ? ', streamed' : ''}`,
    })),
  ),
);
