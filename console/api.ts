/** The console's own API. Errors are sentences of the server; a lost connection is one of ours. */
import { root } from './address.ts';
import { signedOut } from './signed-in.ts';

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: string, sentence: string) {
    super(sentence);
    this.status = status;
    this.code = code;
  }
}

interface Ask {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON, a form as it is. */
  body?: unknown;
  /** Only where what is there is still what had this `etag`. */
  etag?: string;
  signal?: AbortSignal;
  /** The answer to the same question, where it has been sent before; undefined inside where that failed. */
  asked?: Promise<Response | undefined> | undefined;
}

/** What went wrong, in a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `place` is below `/console/api/`. Throws an {@link ApiError}. */
export async function ask<Answer>(
  place: string,
  { method = 'GET', body, etag, signal, asked }: Ask = {},
): Promise<Answer> {
  const isForm = body instanceof FormData;
  const headers: Record<string, string> = { 'x-console': '1' };
  if (body !== undefined && !isForm) headers['content-type'] = 'application/json';
  if (etag !== undefined) headers['if-match'] = etag;
  let response: Response;
  try {
    response =
      (await asked) ??
      (await fetch(new URL(`api/${place}`, root), {
        method,
        headers,
        // What is deleted while the page is left is deleted all the same.
        keepalive: method === 'DELETE',
        ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
        ...(signal && { signal }),
      }));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'unreachable', 'The gateway does not answer.');
  }
  const text = await response.text();
  if (response.ok) return text === '' ? JSON.parse('null') : JSON.parse(text);
  const { code, error } = errorIn(text, response.status);
  if (response.status === 401) signedOut();
  throw new ApiError(response.status, code, error);
}

/** The same for an answer that is a text and no JSON. */
export async function askText(place: string, signal?: AbortSignal): Promise<string> {
  const response = await fetch(new URL(`api/${place}`, root), {
    headers: { 'x-console': '1' },
    ...(signal && { signal }),
  });
  const text = await response.text();
  if (response.ok) return text;
  const { code, error } = errorIn(text, response.status);
  throw new ApiError(response.status, code, error);
}

/** The message of an error answer. */
export function errorIn(text: string, status: number): { code: string; error: string } {
  try {
    const { error, message, code }: { error?: unknown; message?: unknown; code?: unknown } = JSON.parse(text);
    const sentence = [error, message].filter((part) => typeof part === 'string').join(': ');
    if (sentence !== '') return { code: typeof code === 'string' ? code : 'error', error: sentence };
  } catch {
    // Not ours: a proxy's page.
  }
  return { code: 'error', error: `The gateway answered with status ${status}.` };
}

/** A management address that the console may use. */
export const managed = (place: string): string => `management/${place}`;
