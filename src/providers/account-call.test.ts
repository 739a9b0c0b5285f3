import { expect, test } from 'bun:test';
import type { OAuthDeps } from '../oauth/client.ts';
import { longestWait } from '../protocols/stated-wait.ts';
import { callAccountApi } from './account-call.ts';

function deps(answer: Response): OAuthDeps {
  return {
    fetch: async () => answer,
    now: () => Date.parse('2026-11-29T12:00:00Z'),
    wait: async () => {},
    userAgent: 'test',
  };
}

test.each([
  ['7', 7],
  ['Sun, 29 Nov 2026 12:01:30 GMT', 90],
  ['99999999999', longestWait],
])('Retry-After "%s" of an account server is a wait of %p seconds', async (told, seconds) => {
  const answer = new Response('', { status: 429, headers: { 'retry-after': told } });
  const result = await callAccountApi({ server: 'Example', url: 'https://example.com/' }, deps(answer));
  if (result.ok) throw new Error('it was answered');
  expect(result.failure).toMatchObject({ kind: 'rate-limited', retryAfter: seconds });
  expect(result.failure.message).toEndWith(`Try again in ${seconds} seconds.`);
});
