/** Requests from the playground: the gateway's own addresses, asked as its owner. No key comes to the page for it. */
import { problem } from './answers.ts';
import { type ApiRoute, apiRoute } from './api-route.ts';

export interface PlaygroundDeps {
  /**
   * Answers a request to one of the gateway's own addresses, for the client key with this id, else for the console itself. Undefined
   * where there is no such key any more, or it does not open.
   */
  play(request: Request, keyId: string | undefined): Promise<Response | undefined>;
}

/** What answers in one of the four protocols; model names are escaped in addresses. */
const playable =
  /^v1\/(chat\/completions|responses|messages)$|^v1beta\/models\/[^/?#]+:(generate|streamGenerate)Content$/;

/** Headers that a protocol needs; who asks is no matter of theirs. */
const passed = ['content-type', 'content-length', 'anthropic-version'];

export function playgroundRoute({ play }: PlaygroundDeps): ApiRoute {
  return apiRoute('POST', 'play/*', 'owner', async ({ request, rest, search, lift }) => {
    if (!playable.test(rest))
      return problem(404, 'not_found', 'The playground supports the four protocols only.');
    const headers = new Headers();
    for (const name of passed) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    const query = search.get('alt') === 'sse' ? '?alt=sse' : '';
    lift();
    const asked = new Request(`http://gateway/${rest}${query}`, {
      ...{ method: 'POST', headers, body: request.body, signal: request.signal },
    });
    const answer = await play(asked, request.headers.get('x-play-as') ?? undefined);
    return (
      answer ??
      problem(409, 'key_not_open', 'This client key is gone, switched off or expired: choose another.')
    );
  });
}
