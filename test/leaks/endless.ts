import { eventStream, startUpstream } from '../gateway/upstream.ts';

/** One event of such an answer. */
const chunk = new TextEncoder().encode(
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'endless',
    choices: [{ index: 0, delta: { content: 'and so on '.repeat(10_000) }, finish_reason: null }],
  })}\n\n`,
);

export interface EndlessUpstream extends Disposable {
  url: string;
  /** Bytes made, answers open and answers that were broken off. */
  counts: { made: number; open: number; cancelled: number };
}

/** An upstream of Chat Completions whose answers never end; it makes them no faster than they are taken. */
export function startEndless(): EndlessUpstream {
  const counts = { made: 0, open: 0, cancelled: 0 };
  const upstream = startUpstream(() => {
    counts.open += 1;
    return eventStream(
      new ReadableStream({
        async pull(controller) {
          // A turn of the loop for others between two chunks.
          await new Promise((resolve) => setImmediate(resolve));
          counts.made += chunk.byteLength;
          controller.enqueue(chunk);
        },
        cancel() {
          counts.open -= 1;
          counts.cancelled += 1;
        },
      }),
    );
  });
  return { ...upstream, counts };
}
