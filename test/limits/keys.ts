/** Client keys with limits, each test with keys of its own, all at one gateway. */
import type { JsonObject } from '../../src/protocols/json.ts';
import type { ShownFailure } from '../clients/conversation.ts';
import type { Pairing } from '../clients/official.ts';

export interface LimitedKeys {
  /** A key that no other test uses, with these limits; known once the gateway is started or reconfigured. */
  key(limits: JsonObject, name?: string): string;
  entries: JsonObject[];
}

export function limitedKeys(): LimitedKeys {
  const entries: JsonObject[] = [];
  return {
    entries,
    key(limits, name) {
      // Gateways that run as processes share a directory, and what keys have used is kept there.
      const key = `limited-client-key-${crypto.randomUUID()}`;
      entries.push({ key, ...(name !== undefined && { name }), ...limits });
      return key;
    },
  };
}

/** What the client's own error class shows of a request that is refused. */
export async function refusal(
  { client, stream }: Pick<Pairing, 'client' | 'stream'>,
  to: { url: string; key: string; model: string },
  text = 'Hello',
): Promise<ShownFailure> {
  const outcome = await client
    .open({ ...to, stream })
    .say(text)
    .then(
      (told) => ({ told }),
      (error: unknown) => ({ error }),
    );
  if ('told' in outcome) throw new Error(`answered: ${JSON.stringify(outcome.told)}`);
  return client.shown(outcome.error);
}
