/** One small request through the gateway, in the client's own protocol: proof that its settings work. */
import type { Client, Connection } from '../../clients/client.ts';
import { Failure } from '../failure.ts';
import { ask } from './served.ts';

/** Milliseconds for an answer of a few words. */
const answerTime = 120_000;
const prompt = 'Answer with the one word: ready';
const mostTokens = 64;

/** Milliseconds that the answer took. Throws a {@link Failure} with what the gateway said. */
export async function prove(client: Pick<Client, 'protocol'>, connection: Connection): Promise<number> {
  const started = performance.now();
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
  return performance.now() - started;
}

function requestOf(
  protocol: Client['protocol'],
  { key, model }: Connection,
): { path: string; headers: Record<string, string>; body: object } {
  const bearer = { authorization: `Bearer ${key}` };
  const messages = [{ role: 'user', content: prompt }];
  switch (protocol) {
    case 'anthropic-messages':
      return {
        path: '/v1/messages',
        headers: { ...bearer, 'anthropic-version': '2023-06-01' },
        body: { model, max_tokens: mostTokens, messages },
      };
    case 'openai-chat':
      return { path: '/v1/chat/completions', headers: bearer, body: { model, messages } };
    case 'openai-responses':
      return { path: '/v1/responses', headers: bearer, body: { model, input: prompt, store: false } };
    case 'gemini':
      return {
        path: `/v1beta/models/${encodeURIComponent(model)}:generateContent`,
        headers: { 'x-goog-api-key': key },
        body: { contents: [{ role: 'user', parts: [{ text: prompt }] }] },
      };
  }
}
