/** Any request, at any address, gets an answer of the gateway's that is no failure of its own. */
import fc from 'fast-check';
import { clientKey, startTested, type TestedGateway } from '../../gateway-harness.ts';
import { mutated } from '../hostile.ts';
import { jsonOf } from '../oracle.ts';
import { target } from '../target.ts';

const managementKey = 'management-key-of-the-tests';
const words = [
  ...['v1', 'v1beta', 'v0', 'management', 'models', 'chat', 'completions', 'responses', 'messages', 'x'],
  ...[
    'count_tokens',
    'requests',
    'routing',
    'cooldowns',
    'quotas',
    'refusals',
    'input_items',
    'm:generateContent',
  ],
  ...[
    '%ff',
    '%2e%2e',
    '..',
    '%00',
    '__proto__',
    'constructor',
    '*',
    '',
    ':',
    'models%2fm',
    '\u00fc',
    '%E0%A4',
  ],
];
const known = [
  ...['/v1/chat/completions', '/v1/responses', '/v1/messages', '/v1beta/models/m:streamGenerateContent'],
  ...['/v0/management/requests', '/v0/management/routing', '/v0/management/cooldowns/x', '/v1/completions'],
  ...['/v1/messages/count_tokens', '/v1/images/edits', '/v1/embeddings', '/v1/responses/compact'],
];
const path = fc.oneof(
  fc.constantFrom(...known),
  fc.array(fc.constantFrom(...words), { maxLength: 5 }).map((parts) => `/${parts.join('/')}`),
);
const query = fc.constantFrom(
  '',
  '?model=m',
  '?count=-1',
  '?count=1e999',
  '?key=%ff',
  '?alt=sse',
  '?model=%00&key=x',
);
const bodies = mutated([
  { model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true },
  { model: 'm', input: [{ role: 'user', content: 'Hello' }], previous_response_id: 'resp_1' },
  { contents: [{ parts: [{ text: 'Hello' }] }] },
]).map((body) => JSON.stringify(body));

let started: Promise<TestedGateway> | undefined;

/** One gateway for all inputs, which nobody stands behind: what is asked of providers is refused at once. */
function gateway(): Promise<TestedGateway> {
  started ??= startTested({
    'remote-management': { 'secret-key': managementKey },
    'claude-api-key': [
      { 'api-key': 'upstream-key', 'base-url': 'http://127.0.0.1:1', models: [{ name: 'm' }] },
    ],
    'disable-cooling': true,
  });
  return started;
}

export const addressTarget = target(
  'addresses of the gateway',
  fc.record({
    ...{ path, query, body: bodies },
    method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'),
    keyed: fc.boolean(),
  }),
  async ({ path: at, query: asked, body, method, keyed }) => {
    const { url } = await gateway();
    const bare = method === 'GET' || method === 'HEAD';
    // A key in the query alone would be a guess, too.
    const query = keyed ? asked : asked.replace(/&?\bkey=[^&]*/, '');
    const answer = await fetch(`${url}${at}${query}`, {
      method,
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'x-management-key': managementKey,
        // There it would be a wrong key, and guesses are slowed down.
        ...(keyed && !at.includes('v0') && { authorization: `Bearer ${clientKey}` }),
      },
      ...(!bare && { body }),
    });
    const text = await answer.text();
    if (answer.status === 500) throw new Error(`500: ${text.slice(0, 300)}`);
    const type = answer.headers.get('content-type') ?? '';
    if (type.includes('json') && text !== '') jsonOf(text);
  },
  60,
);

/** Ends what the target has started. */
export async function stopAddresses(): Promise<void> {
  await (await started)?.stop();
  started = undefined;
}
