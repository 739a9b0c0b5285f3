/**
 * How much of anything from outside is taken: one row a bound, with its default and what happens beyond it. The table in
 * docs/configuration.md is made from these rows. `shippedBounds` is what holds where no configuration has been read.
 */
import type { z } from 'zod';
import { group, size, wholeNumber } from './values.ts';

const bytes = (usual: string, description: string) => size().prefault(usual).meta({ description });
const count = (usual: number, description: string) => wholeNumber(1).default(usual).meta({ description });

export const bounds = group({
  'request-body': bytes(
    '64MiB',
    'Largest request body as it is sent; larger ones are answered with 413. `max-request-bytes` is the old name.',
  ),
  'request-silence': wholeNumber(0, 255).default(120).meta({
    description:
      'Seconds without any data of a request, headers or body, after which the connection is closed; also the time for which an idle connection is kept. In steps of four; 0 is no limit. Takes effect at the next start.',
  }),
  'unpacked-request': bytes(
    '64MiB',
    'Largest request body after decompression; larger ones are answered with 413.',
  ),
  'all-requests-unpacked': bytes(
    '256MiB',
    'Most bytes of compressed request bodies that are unpacked at the same time, all requests together; further ones are answered with 503.',
  ),
  'websocket-message': bytes(
    '64MiB',
    'Largest WebSocket message: one of a client closes the connection with 1009, one of a provider is a broken answer.',
  ),
  'model-name': bytes('256', 'Longest name of a model in a request; longer ones are answered with 400.'),
  nesting: count(
    256,
    'Most levels of lists and objects in JSON; deeper requests are answered with 400, deeper answers are broken.',
  ),
  'json-values': count(
    250_000,
    'Most values in the JSON of a request, which decide how long it takes to read and to translate: a list or object counts two, a string one, a name one (six where it is new, sixteen beyond the 1,024th of one object), a comma half, of embeddings a sixty-fourth. Some 30,000 messages of a sentence; requests with more are answered with 413. Larger ones keep all others waiting for longer.',
  ),
  'token-estimate': bytes(
    '8MiB',
    'Most bytes of a request that are read to estimate its tokens; the rest counts by its length.',
  ),
  'upstream-head': bytes(
    '256KiB',
    'Longest status line and headers of an answer; longer ones are a broken answer: the next credential, else 502. So is what passes any of the bounds on answers below.',
  ),
  'whole-answer': bytes('64MiB', 'Largest answer that does not stream, as it is sent.'),
  'unpacked-answer': bytes(
    '64MiB',
    'Largest answer that does not stream after decompression, for providers that compress unasked.',
  ),
  'all-answers-unpacked': bytes(
    '256MiB',
    'Most bytes of compressed answers that are held unpacked at the same time, all requests together.',
  ),
  'error-body': bytes(
    '1MiB',
    'Most bytes read of an error answer, or of a redirect; what is beyond is cut off and the status still counts.',
  ),
  'error-text': bytes(
    '8KiB',
    "Most bytes of a provider's error that a client gets: longer messages are truncated and marked, longer bodies are replaced.",
  ),
  'account-answer': bytes(
    '16MiB',
    "Largest answer to the gateway's own calls for an account: token renewals, lists of models.",
  ),
  'sse-line': bytes('16MiB', 'Longest line of a stream, and longest event, however many lines it has.'),
  'held-events': bytes(
    '4MiB',
    'Most bytes of announcing events at the beginning of a stream that are held back until it is known that the answer succeeds.',
  ),
  'answer-items': count(
    4096,
    'Most choices, content blocks or items of one answer, with their citations and results, and their highest index; eight tokens with probabilities count as one.',
  ),
  'answer-values': count(
    800_000,
    'Most values in the JSON of an answer that does not stream, or of one event, where it is read: a list or object counts three quarters, a string two and a half, a name twelve, both a quarter where they are repeated, a comma three eighths. Some 8,000 tokens with the probabilities of 20 others each; an answer with more is broken. So is one whose values take more than six times its length of memory where that is over 25 MB, which grows with this bound. The arguments of its calls, a text in it, count the same way; where numbers stay as they are written since JavaScript cannot hold them, each value counts three more. One that goes through as it is has no such bound.',
  ),
  'stored-response': bytes(
    '32MiB',
    'Largest answer of the Responses API that is kept, with its input; larger ones are not kept.',
  ),
  'connection-history': bytes(
    '32MiB',
    'Most bytes of conversation history kept for one WebSocket of the Responses API; older responses cannot be continued there by their id.',
  ),
  'all-connections-history': bytes(
    '256MiB',
    'The same for all connections together: the oldest goes first, whosever it is.',
  ),
  'loss-header': bytes(
    '2KiB',
    'Longest `x-translation-loss` header; it ends with the number of what is left out.',
  ),
  trace: bytes('64KiB', 'Most bytes remembered of one request for `explain`.'),
  'log-line': bytes('16KiB', 'Longest line of the log; longer texts in it are cut.'),
});

/** Bytes, or a number of things. */
export type Bounds = z.output<typeof bounds>;

export const shippedBounds: Bounds = bounds.parse({});

/** The bounds that `max-request-bytes` sets, where they are not written themselves. */
const requestBounds = ['request-body', 'unpacked-request', 'websocket-message'] as const;

/** The bounds of a file: `written` is its `bounds` as written, `maxRequestBytes` the old name of three of them. */
export function boundsInForce(parsed: Bounds, written: unknown, maxRequestBytes: number | undefined): Bounds {
  const inForce = { ...parsed };
  if (maxRequestBytes === undefined) return inForce;
  const own = typeof written === 'object' && written !== null ? Object.keys(written) : [];
  for (const name of requestBounds) if (!own.includes(name)) inForce[name] = maxRequestBytes;
  return inForce;
}
