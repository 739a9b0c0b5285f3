/** One run of a prompt: asked through the gateway, read as it comes, with its times. */

import { root } from '../address.ts';
import { reasonOf } from '../api.ts';
import type { Part, Tokens } from './answer-parts.ts';
import { eventData } from './event-data.ts';
import type { Prompt } from './prompt.ts';
import { type Protocol, spoken } from './protocols.ts';

export interface Run {
  asked: Asked;
  model: string;
  state: 'running' | 'done' | 'stopped' | 'failed';
  /** Of the request, for its waterfall. */
  id: string | undefined;
  status: number | undefined;
  text: string;
  thoughts: string;
  calls: string;
  error: string;
  tokens: Partial<Tokens>;
  /** Ms from the start. */
  firstToken: number | undefined;
  duration: number | undefined;
  rawRequest: string;
  rawAnswer: string;
}

export interface Asked {
  protocol: Protocol;
  model: string;
  prompt: Prompt;
  /** The id of the client key that it counts for; the console itself without one. */
  keyId: string | undefined;
}

/** Characters of an answer that the raw view keeps. */
const mostRaw = 2_000_000;

/** `changed` gets the run whenever there is more of it. Never rejects. */
export async function run(asked: Asked, signal: AbortSignal, changed: (run: Run) => void): Promise<void> {
  const { protocol, model, prompt, keyId } = asked;
  const { path, headers = {}, body, event, whole } = spoken[protocol];
  const address = path(model, prompt.stream);
  const sent = body(model, prompt);
  const started = performance.now();
  let now: Run = {
    ...{ asked, model, state: 'running', id: undefined, status: undefined },
    ...{ text: '', thoughts: '', calls: '', error: '', tokens: {} },
    ...{ firstToken: undefined, duration: undefined },
    rawRequest: `POST /${address}\n\n${JSON.stringify(sent, null, 2)}`,
    rawAnswer: '',
  };
  const set = (changes: Partial<Run>): void => {
    now = { ...now, ...changes };
    changed(now);
  };
  const take = (parts: readonly Part[]): void => {
    for (const one of parts) now = withPart(now, one, performance.now() - started);
    if (parts.length > 0) changed(now);
  };
  set({});
  try {
    const response = await fetch(new URL(`api/play/${address}`, root), {
      method: 'POST',
      headers: {
        'x-console': '1',
        'content-type': 'application/json',
        ...headers,
        ...(keyId !== undefined && { 'x-play-as': keyId }),
      },
      body: JSON.stringify(sent),
      signal,
    });
    set({ status: response.status, id: response.headers.get('x-request-id') ?? undefined });
    const streams = response.headers.get('content-type')?.includes('text/event-stream') === true;
    const read = eventData();
    for await (const piece of texts(response.body)) {
      set({ rawAnswer: (now.rawAnswer + piece).slice(0, mostRaw) });
      if (streams) for (const data of read(piece)) if (data !== '[DONE]') take(event(parsed(data)));
    }
    if (!streams) {
      const value = parsed(now.rawAnswer);
      take(response.ok ? whole(value) : refused(value, whole(value), response.status));
    }
    set({
      state: response.ok && now.error === '' ? 'done' : 'failed',
      duration: performance.now() - started,
    });
  } catch (error) {
    const stopped = signal.aborted;
    set({
      state: stopped ? 'stopped' : 'failed',
      duration: performance.now() - started,
      ...(!stopped && { error: reasonOf(error) }),
    });
  }
}

function withPart(run: Run, part: Part, time: number): Run {
  const firstToken = run.firstToken ?? time;
  switch (part.kind) {
    case 'text':
      return { ...run, firstToken, text: run.text + part.text };
    case 'thought':
      return { ...run, firstToken, thoughts: run.thoughts + part.text };
    case 'call':
      return { ...run, firstToken, calls: run.calls + part.text };
    case 'error':
      return { ...run, error: part.text };
    case 'tokens':
      return { ...run, tokens: { ...run.tokens, ...part.tokens } };
  }
}

/** A refusal without a message still shows its status. */
function refused(value: unknown, parts: readonly Part[], status: number): readonly Part[] {
  if (parts.some(({ kind }) => kind === 'error')) return parts;
  return [{ kind: 'error', text: typeof value === 'string' ? value.slice(0, 500) : `status ${status}` }];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function* texts(body: ReadableStream<Uint8Array> | null): AsyncGenerator<string> {
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}
