/** An upstream that answers what a test wrote down, byte for byte, and remembers what it was asked. */

export interface Asked {
  method: string;
  /** Path and query. */
  path: string;
  headers: Headers;
  /** The credential's key, wherever the protocol puts it. */
  key: string;
  body: Uint8Array<ArrayBuffer>;
  signal: AbortSignal;
}

export interface Upstream extends Disposable {
  url: string;
  asked: Asked[];
}

/** Starts it; `answer` decides by what was asked. */
export function startUpstream(answer: (asked: Asked) => Response | Promise<Response>): Upstream {
  const asked: Asked[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const { headers } = request;
      const one: Asked = {
        method: request.method,
        path: pathname + search,
        headers,
        key:
          headers.get('x-api-key') ??
          headers.get('x-goog-api-key') ??
          (headers.get('authorization') ?? '').replace('Bearer ', ''),
        body: new Uint8Array(await request.arrayBuffer()),
        signal: request.signal,
      };
      asked.push(one);
      return answer(one);
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ''),
    asked,
    [Symbol.dispose]: () => {
      void server.stop(true);
    },
  };
}

/** A small whole answer of Chat Completions. */
export function chatAnswer(text: string): Response {
  return Response.json({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'upstream-model',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
  });
}

/** A small whole answer of Messages. */
export function claudeAnswer(text: string, model = 'm'): Response {
  return Response.json({
    ...{ id: 'msg_1', type: 'message', role: 'assistant', model },
    content: [{ type: 'text', text }],
    ...{ stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } },
  });
}

/** A small whole answer of Responses. */
export function responsesAnswer(text: string): Response {
  const content = [{ type: 'output_text', text, annotations: [] }];
  return Response.json({
    ...{ id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'm' },
    output: [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }],
    usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  });
}

/** That of Chat Completions as a stream. */
export function chatStream(text: string): Response {
  const chunk = (choice: object, more: object = {}) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'upstream-model', choices: [{ index: 0, ...choice }], ...more })}\n\n`;
  return eventStream(
    `${chunk({ delta: { role: 'assistant', content: text }, finish_reason: null })}${chunk(
      { delta: {}, finish_reason: 'stop' },
      { usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } },
    )}data: [DONE]\n\n`,
  );
}

export function eventStream(body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}
