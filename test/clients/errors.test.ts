import { describe, expect, test } from 'bun:test';
import { clientKey, everyUpstream, modelOver } from '../gateway-harness.ts';
import { overSandbox } from '../sandbox-gateway.ts';
import type { ShownFailure } from './conversation.ts';
import { type Pairing, pairings } from './official.ts';

const { gateway } = await overSandbox((url) => ({
  // Every test asks a credential that failed in the test before.
  'disable-cooling': true,
  ...everyUpstream(url, (protocol) => [{ name: 'sandbox', alias: modelOver[protocol] }], {
    headers: { 'x-sandbox-fault': '$x-sandbox-fault' },
  }),
}));

/** What the client's own error class shows of a request that meets a fault. */
async function failure({ client, upstream, stream }: Pairing, fault: string): Promise<ShownFailure> {
  const conversation = client.open({
    url: gateway.url,
    key: clientKey,
    model: modelOver[upstream],
    stream,
    headers: { 'x-sandbox-fault': fault },
  });
  const outcome = await conversation.say('say 10 words').then(
    (told) => ({ told }),
    (error: unknown) => ({ error }),
  );
  if ('told' in outcome) throw new Error(`answered: ${JSON.stringify(outcome.told)}`);
  return client.shown(outcome.error);
}

const statuses = [
  { status: 400, says: 'refuse this request' },
  { status: 401, says: 'reject this key' },
  { status: 403, says: 'deny this key access' },
  { status: 404, says: 'not to find this model' },
  { status: 413, says: 'too large' },
  { status: 429, says: 'rate limit' },
  { status: 500, says: 'asked to fail' },
  { status: 503, says: 'overload' },
];

describe.each(pairings)('$title', (pairing) => {
  test('status and message of an upstream error reach the client’s own error class', async () => {
    for (const { status, says } of statuses) {
      const shown = await failure(pairing, `status=${status}`);
      expect(shown.status).toBe(status);
      expect(shown.message).toContain(says);
    }
  });

  test('Retry-After is passed on', async () => {
    const shown = await failure(pairing, 'status=429; retry-after=7');
    expect(shown.status).toBe(429);
    if (pairing.client.protocol !== 'gemini') expect(shown.retryAfter).toBe('7');
  });

  // A whole answer with status 200 that is an error object, cut off, or not JSON; a stream that breaks after 3 events.
  test.each(['error-event=3', 'cut=3', 'cut-bytes=150', 'no-terminal', 'drop', 'html', 'empty'])(
    'an answer with the fault %s is an error, not a short answer',
    async (fault) => {
      await failure(pairing, fault);
    },
  );
});
