/** What is kept of an exchange for somebody who looks for a fault: both sides of it, as they came, without what lets anybody in. */
import { z } from 'zod';
import type { RequestTrace } from '../gateway/trace/request-trace.ts';
import { parseJson } from '../protocols/json.ts';
import { protocols } from '../protocols/model.ts';

/** The form of the file. A reader refuses others. */
export const bundleVersion = 1;

const headers = z.array(z.tuple([z.string(), z.string()]));

/** Bytes as text, or as Base64 where they are none. `cut`: bytes behind them that were not kept. */
const content = z.object({
  text: z.string().optional(),
  base64: z.string().optional(),
  cut: z.number().optional(),
});
export type Content = z.output<typeof content>;

/** What came over time: for each piece its milliseconds since the request came, and its bytes. */
const streamed = z.object({
  status: z.number(),
  headers,
  at: z.number(),
  body: content,
  pieces: z.array(z.tuple([z.number(), z.number()])),
});
export type Streamed = z.output<typeof streamed>;

const attempt = z.object({
  credential: z.string(),
  provider: z.string(),
  /** A signed-in account; else a key. */
  account: z.boolean(),
  /** The base URL; the host only of providers that the program knows. */
  baseUrl: z.string(),
  url: z.string(),
  at: z.number(),
  headers,
  body: content,
  answer: streamed.optional(),
  failed: z.string().optional(),
});
export type RecordedAttempt = z.output<typeof attempt>;

const exchange = z.object({
  at: z.string(),
  request: z.object({
    protocol: z.enum(protocols),
    operation: z.string(),
    model: z.string(),
    stream: z.boolean(),
    query: z.string(),
    headers,
    body: content,
  }),
  attempts: z.array(attempt),
  answer: streamed.optional(),
  ended: z.string().optional(),
  milliseconds: z.number(),
  trace: z.custom<RequestTrace>().optional(),
});
export type RecordedExchange = z.output<typeof exchange>;

const bundle = z.object({
  bundle: z.literal(bundleVersion),
  version: z.string(),
  /** Texts have been replaced by filler. */
  filler: z.boolean(),
  exchanges: z.array(exchange),
});
export type Bundle = z.output<typeof bundle>;

/** The bundle in a text; otherwise a sentence with the reason why it is none. */
export function readBundle(text: string): { ok: true; bundle: Bundle } | { ok: false; sentence: string } {
  const value = parseJson(text);
  if (value === undefined) return { ok: false, sentence: 'it is not JSON' };
  const version = z.object({ bundle: z.number() }).safeParse(value);
  if (version.success && version.data.bundle !== bundleVersion)
    return {
      ok: false,
      sentence: `it has the form ${version.data.bundle}, and this program reads ${bundleVersion}`,
    };
  const parsed = bundle.safeParse(value);
  if (parsed.success) return { ok: true, bundle: parsed.data };
  const place = parsed.error.issues[0]?.path.join('.') ?? '';
  return {
    ok: false,
    sentence: `it is no recording: ${place === '' ? 'it is not one object' : `${place} is missing or is something else`}`,
  };
}

export function bytesOf({ text, base64 }: Content): Uint8Array<ArrayBuffer> {
  return text === undefined
    ? new Uint8Array(Buffer.from(base64 ?? '', 'base64'))
    : new TextEncoder().encode(text);
}
