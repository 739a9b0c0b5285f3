/** Which provider's endpoint a path is. Any prefix may stand before it: `/v1`, `/openai/v1`, `/api/anthropic`. */

import type { Framing } from './delivery.ts';
import type { DialectName } from './dialect.ts';

export type Route = { dialect: DialectName } & (
  | { operation: 'generate'; model?: string; stream?: boolean; framing: Framing }
  | { operation: 'count' | 'embed' | 'batch-embed' }
  | { operation: 'models' }
  | { operation: 'model'; model: string }
);

const posts: readonly { suffix: string; route: Route }[] = [
  { suffix: '/chat/completions', route: { dialect: 'openai-chat', operation: 'generate', framing: 'sse' } },
  { suffix: '/embeddings', route: { dialect: 'openai-chat', operation: 'embed' } },
  { suffix: '/responses', route: { dialect: 'openai-responses', operation: 'generate', framing: 'sse' } },
  { suffix: '/responses/input_tokens', route: { dialect: 'openai-responses', operation: 'count' } },
  { suffix: '/messages', route: { dialect: 'anthropic-messages', operation: 'generate', framing: 'sse' } },
  { suffix: '/messages/count_tokens', route: { dialect: 'anthropic-messages', operation: 'count' } },
];

/** AI Studio's and Vertex' method paths. */
const geminiMethod = /\/models\/(.+):([A-Za-z]+)$/;

/** The endpoint; undefined when no provider has such a one. */
export function routeOf(method: string, url: URL, headers: Headers): Route | undefined {
  if (method === 'POST') {
    const found = posts.find(({ suffix }) => url.pathname.endsWith(suffix));
    return found === undefined ? geminiRoute(url) : found.route;
  }
  return method === 'GET' ? listRoute(url, headers) : undefined;
}

function geminiRoute(url: URL): Route | undefined {
  const [, name, action] = geminiMethod.exec(url.pathname.replaceAll('%3A', ':')) ?? [];
  if (name === undefined) return undefined;
  const model = decodeURIComponent(name);
  const dialect = 'gemini';
  switch (action) {
    case 'generateContent':
      return { dialect, operation: 'generate', model, stream: false, framing: 'sse' };
    case 'streamGenerateContent': {
      const framing = url.searchParams.get('alt') === 'sse' ? 'sse' : 'json-array';
      return { dialect, operation: 'generate', model, stream: true, framing };
    }
    case 'countTokens':
      return { dialect, operation: 'count' };
    case 'embedContent':
      return { dialect, operation: 'embed' };
    case 'batchEmbedContents':
      return { dialect, operation: 'batch-embed' };
    default:
      return undefined;
  }
}

function listRoute(url: URL, headers: Headers): Route | undefined {
  const found = /\/models(?:\/(.+))?$/.exec(url.pathname);
  if (found === null) return undefined;
  const model = found[1];
  const dialect = listDialect(url, headers);
  return model === undefined
    ? { dialect, operation: 'models' }
    : { dialect, operation: 'model', model: decodeURIComponent(model) };
}

function listDialect(url: URL, headers: Headers): DialectName {
  if (headers.has('anthropic-version')) return 'anthropic-messages';
  const google =
    url.pathname.includes('/v1beta') || headers.has('x-goog-api-key') || url.searchParams.has('key');
  return google ? 'gemini' : 'openai-chat';
}
