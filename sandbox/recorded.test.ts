import { afterAll, expect, test } from 'bun:test';
import { type Exchange, exchanges } from '../test/corpus.ts';
import { startSandbox } from './start.ts';

const sandbox = startSandbox({ pace: 0, keep: 0 });
afterAll(() => sandbox.stop());

const headers = {
  authorization: 'Bearer key',
  'x-api-key': 'key',
  'x-goog-api-key': 'key',
  'anthropic-version': '2023-06-01',
};

/** What only the provider that made it can accept: its signatures, its stored items, its background jobs. */
const foreign =
  /thought signature is not valid|Invalid `(signature|data)`|could not be verified|not found|no background responses/;

async function refusal({ request }: Exchange): Promise<string | undefined> {
  if (request === null) return undefined;
  const response = await fetch(`${sandbox.url}${request.path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(request.body),
  });
  const text = await response.text();
  // Endpoints that the sandbox does not have answer 404.
  return response.status === 400 && !foreign.test(text) ? text : undefined;
}

test.each([
  ['openai-chat', ['openai-chat']],
  ['openai-responses', ['openai-responses']],
  ['anthropic-messages', ['anthropic']],
  ['gemini', ['gemini', 'vertex']],
] as const)('what the provider accepted is accepted here: %s', async (protocol, providers) => {
  const accepted = exchanges(protocol).filter(
    ({ provider, request, response }) =>
      providers.some((name) => name === provider) &&
      request?.method === 'POST' &&
      request.body !== null &&
      response?.status === 200,
  );
  const refusals: string[] = [];
  for (const exchange of accepted) {
    const text = await refusal(exchange);
    if (text !== undefined) refusals.push(`${exchange.id}: ${text}`);
  }
  expect(accepted.length).toBeGreaterThan(0);
  expect(refusals).toEqual([]);
});
