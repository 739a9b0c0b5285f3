/** Stands between the program and the sandbox's accounts, lets everything through, and remembers every secret that passes. */
import type { Sandbox } from '../../sandbox/start.ts';

export interface Recorder extends AsyncDisposable {
  url: string;
  /** Tokens, codes, verifiers and keys that went through, each once. */
  secrets(): string[];
}

/** Names of fields and parameters whose values nobody else may see. `user_code` is for people, and `state` in the address. */
const secretNames =
  /["&?]?\b(access_token|refresh_token|id_token|accessToken|code|code_verifier|device_code|device_auth_id|authorization_code|client_secret|assertion|apiKey|private_key|BXAuth)(?:"\s*:\s*"|=)([^"&;\s]+)/g;

/** Starts it before `sandbox`, whose accounts then know it by the recorder's address. */
export function recording(sandbox: Sandbox): Recorder {
  const found = new Set<string>();
  const look = (text: string) => {
    // Servers call their errors `code`, too.
    for (const [, , value = ''] of text.matchAll(secretNames))
      for (const secret of [value, decoded(value)])
        if (secret.length > 7 && !/^[a-z_]+$/.test(secret)) found.add(secret);
  };
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    development: false,
    async fetch(request) {
      const { pathname, search, host } = new URL(request.url);
      const body = request.body === null ? undefined : await request.text();
      look(`${search}\n${body ?? ''}\n${request.headers.get('cookie') ?? ''}`);
      const bearer = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
      if (bearer !== undefined) found.add(bearer);
      const headers = new Headers(request.headers);
      headers.set('host', host);
      const answer = await fetch(sandbox.url + pathname + search, {
        method: request.method,
        headers,
        ...(body === undefined ? {} : { body }),
        redirect: 'manual',
        decompress: false,
        signal: request.signal,
      });
      look(answer.headers.get('location') ?? '');
      const { status } = answer;
      if (!answer.headers.get('content-type')?.includes('json'))
        return new Response(answer.body, { status, headers: answer.headers });
      const text = await answer.text();
      look(text);
      return new Response(text, { status, headers: answer.headers });
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ''),
    secrets: () => [...found],
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
