/** One small request through the gateway, in the client's own protocol: proof that its settings work. */

import type { Client, Connection } from '../../clients/client.ts';
import { systemClock } from '../../ground/clock.ts';
import { codecs } from '../../protocols/registry.ts';
import { addressOf } from '../../server/routes.ts';
import { Failure } from '../failure.ts';
import { ask } from './served.ts';

/** Milliseconds for an answer of a few words. */
const answerTime = 120_000;
/** Of the answer, with what a model thinks before it. */
const mostTokens = 1024;
const prompt = 'Answer with the one word: ready';

/** Milliseconds that the answer took. Throws a {@link Failure} with the gateway's message. */
export async function prove(client: Pick<Client, 'protocol'>, connection: Connection): Promise<number> {
  const started = systemClock.monotonic();
  const { path, headers, body } = requestOf(client.protocol, connection);
  const response = await ask(
    `${connection.url}${path}`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    },
    answerTime,
  );
  const text = await response.text();
  if (!response.ok)
    throw new Failure(
      'failure',
      `${connection.model} does not answer (${response.status}): ${text.slice(0, 500)}`,
    );
  return systemClock.monotonic() - started;
}

/** The key in the header that every protocol's clients may use. */
function requestOf(
  protocol: Client['protocol'],
  { key, model }: Connection,
): { path: string; headers: Record<string, string>; body: object } {
  const body = codecs[protocol].encodeRequest(
    {
      model,
      stream: false,
      maxTokens: mostTokens,
      messages: [{ role: 'user', parts: [{ type: 'text', text: prompt }] }],
    },
    { model, stream: false, report: () => {} },
  );
  return {
    path: addressOf(protocol, 'generate', { model, stream: false }) ?? '/',
    headers: { authorization: `Bearer ${key}` },
    body,
  };
}
