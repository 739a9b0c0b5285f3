/** Emulates the providers of a recording: each attempt gets its recorded answer. */
import { systemClock } from '../../ground/clock.ts';
import { bytesOf, type RecordedAttempt } from '../../recording/bundle.ts';

export interface StandIn extends AsyncDisposable {
  /** The base of the credential that is asked in the place of this one. */
  baseUrl(attempt: RecordedAttempt): string;
  /** What has been asked, in order. */
  asked: { attempt: RecordedAttempt | undefined; path: string; body: string }[];
}

/** Milliseconds that a stream is held up before it is broken off, where the recorded one was. */
const brokenAfter = 50;

export function startStandIn(attempts: readonly RecordedAttempt[]): StandIn {
  const left = [...attempts];
  const names = [...new Set(attempts.map(({ credential }) => credential))];
  const asked: StandIn['asked'] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const place = Number(/^\/(\d+)/.exec(pathname)?.[1] ?? -1);
      const next = left.findIndex(({ credential }) => credential === names[place]);
      const [attempt] = next < 0 ? [] : left.splice(next, 1);
      asked.push({ attempt, path: `${pathname.replace(/^\/\d+/, '')}${search}`, body: await request.text() });
      return attempt === undefined
        ? Response.json({ error: { message: 'The recording has no further answer.' } }, { status: 599 })
        : answerOf(attempt);
    },
  });
  return {
    asked,
    baseUrl: ({ credential, baseUrl }) => {
      const path = URL.parse(baseUrl)?.pathname.replace(/\/+$/, '') ?? '';
      return `http://127.0.0.1:${server.port}/${names.indexOf(credential)}${path}`;
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
    },
  };
}

/** Its pieces one by one; a call that failed without an answer is closed. */
function answerOf({ answer, failed }: RecordedAttempt): Response {
  if (answer === undefined)
    return new Response(new ReadableStream({ start: (controller) => controller.error(new Error('closed')) }));
  const bytes = bytesOf(answer.body);
  let at = 0;
  let piece = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const size = answer.pieces[piece]?.[1];
      if (size !== undefined && at < bytes.length) {
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
        piece += 1;
        return;
      }
      if (failed === undefined) controller.close();
      else {
        await systemClock.wait(brokenAfter);
        controller.error(new Error('broken off'));
      }
    },
  });
  return new Response(body, {
    status: answer.status,
    headers: answer.headers.filter(([name]) => isOwn(name)),
  });
}

/** Headers of a connection are those of the connection that there is now. */
function isOwn(name: string): boolean {
  return !/^(?:connection|keep-alive|transfer-encoding|content-length|content-encoding|date|set-cookie)$/i.test(
    name,
  );
}
