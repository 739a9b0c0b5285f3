/** Clients that never stop asking, and what became of each of their requests. */
import { clientKey } from '../gateway-harness.ts';

export interface Load {
  /** Requests that were answered in full so far. */
  answered(): number;
  /** What became of the others. */
  failures(): readonly string[];
  /** Resolves when the last request is over. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  /** Clients at a time. */
  clients: number;
  model: string;
  /** How the answer of a client is asked for: whole, or as a stream. */
  streams?: (client: number) => boolean;
  text?: string;
  key?: string;
}

/** A chat, read to its end; the problem, or undefined where there is none. */
export async function ask(
  url: string,
  {
    model,
    stream = false,
    text = 'repeat: hi',
    key = clientKey,
  }: { model: string; stream?: boolean; text?: string; key?: string },
): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: text }] }),
    });
    const body = await answer.text();
    if (answer.status !== 200) return `${answer.status} ${body}`;
    if (stream && !body.includes('data: [DONE]')) return `a stream without an end: ${body.slice(-200)}`;
    return undefined;
  } catch (error) {
    return String(error instanceof Error && 'code' in error ? error.code : error);
  }
}

export function startLoad(url: string, { clients, streams = () => false, ...request }: LoadOptions): Load {
  let stopping = false;
  let answered = 0;
  const failures: string[] = [];
  const running = Array.from({ length: clients }, async (_, client) => {
    while (!stopping) {
      const problem = await ask(url, { ...request, stream: streams(client) });
      if (problem === undefined) answered += 1;
      else failures.push(problem);
    }
  });
  return {
    answered: () => answered,
    failures: () => failures,
    async stop() {
      stopping = true;
      await Promise.all(running);
    },
  };
}
