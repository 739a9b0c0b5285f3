/** The keys that clients send, what each of them may use and how much of it. docs/limits.md explains how they are counted. */
import { z } from 'zod';
import { budget, limitsAnything } from './budget.ts';
import { clientKeyOrDigest, keyId } from './hashed-key.ts';
import { calendarDay, dollars, flag, group, listOf, mapOf, moment, text, wholeNumber } from './values.ts';

// The peer's example file ships these three; a server that accepts them is open to everybody.
const TEMPLATE_KEY = /^your-api-key-[123]$/;

const clientKeyText = clientKeyOrDigest();

const limitFields = {
  models: listOf(text('a model name'), 'one or more model names').min(1).optional().meta({
    description:
      'The models this key may use, by the names that clients use; `*` matches any text. Default: all.',
  }),
  providers: listOf(text('the name of a provider'), 'one or more names of providers').min(1).optional().meta({
    description:
      'The providers this key may use (`claude`, `claude-code`, …, or the `name` of an `openai-compatibility` entry); `*` matches any text. Default: all.',
  }),
  'requests-per-minute': wholeNumber(1).optional().meta({ description: 'Most requests in any 60 seconds.' }),
  'tokens-per-minute': wholeNumber(1)
    .optional()
    .meta({ description: 'Most tokens, in and out, in any 60 seconds.' }),
  concurrency: wholeNumber(1).optional().meta({ description: 'Most requests at the same time.' }),
  budget: budget.optional().meta({ description: 'What this key may spend.' }),
};

const limits = group(limitFields);

/** What a client key may use and how much of it; what is absent has no limit. Money is in US dollars. */
export type ClientLimits = z.output<typeof limits>;

/** The key that an owner had before, and until when it still opens: ms since the epoch. */
export interface PreviousKey {
  key: string;
  until: number;
}

/** When a key opens, and what people remember of it. */
const statusFields = {
  disabled: flag().optional().meta({ description: 'Whether this key is refused.' }),
  expires: moment()
    .optional()
    .meta({ description: 'When this key ceases to open: a day alone counts to its end, local time.' }),
  note: text('a text').optional().meta({ description: 'Anything worth remembering about this key.' }),
  'previous-key': clientKeyText.optional().meta({
    description: 'The key before this one, which opens until `previous-until` and counts as the same.',
  }),
  'previous-until': moment()
    .optional()
    .meta({ description: 'When `previous-key` ceases to open; needed beside it.' }),
};

/** A client key, written as a text or with a name and limits. */
export const clientKey = z
  .union([
    clientKeyText,
    group({
      key: clientKeyText.optional().meta({
        description:
          'The key, or `sha256:` and its SHA-256 in 64 hexadecimal digits; `api-key` is another name for it.',
      }),
      'api-key': clientKeyText.optional().meta({ description: 'Another name for `key`.' }),
      name: text('a text').optional().meta({ description: 'Whose key this is; it appears in logs.' }),
      ...statusFields,
      ...limitFields,
    }),
  ])
  .transform((value, context) => {
    const entry: WrittenKey = typeof value === 'string' ? { key: value } : value;
    const { key: written, 'api-key': other, name, disabled, expires, note, ...rest } = entry;
    const { 'previous-key': before, 'previous-until': until, ...own } = rest;
    const key = written ?? other;
    if ((before === undefined) !== (until === undefined)) {
      const [there, lacking] =
        before === undefined ? ['previous-until', 'previous-key'] : ['previous-key', 'previous-until'];
      context.addIssue({
        code: 'custom',
        path: [there],
        params: {
          sentence: `there is no "${lacking}" beside it`,
          hint: 'the key before this one needs the time until which it opens: previous-until: 2026-12-31',
        },
      });
      return z.NEVER;
    }
    if (key === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['key'],
        params: { sentence: 'this client key has no "key"', hint: 'write "key: sk-…" in it' },
      });
      return z.NEVER;
    }
    if (TEMPLATE_KEY.test(key)) {
      context.addIssue({
        code: 'custom',
        params: {
          sentence: 'this is the example key of the documentation; anyone could use the server',
          hint: 'set a key of your own: openssl rand -hex 32 generates a good one',
        },
      });
      return z.NEVER;
    }
    const limits = limitsOf(own);
    return {
      key,
      name,
      ...(disabled === true && { disabled }),
      ...(expires !== undefined && { expires }),
      ...(note !== undefined && { note }),
      ...(before !== undefined &&
        until !== undefined && { previous: { key: before, until } satisfies PreviousKey }),
      ...(limits && { limits }),
    };
  })
  .meta({ expects: 'a key, or {key, name}' });

interface WrittenKey extends ClientLimits {
  key?: string | undefined;
  'api-key'?: string | undefined;
  name?: string | undefined;
  disabled?: boolean | undefined;
  expires?: number | undefined;
  note?: string | undefined;
  'previous-key'?: string | undefined;
  'previous-until'?: number | undefined;
}

/** The ids of keys that took another one's place: what counts for the one before counts for that which is there now. */
export function rotatedKeys(
  keys: readonly { key: string; previous?: PreviousKey | undefined }[],
): { before: string; now: string }[] {
  return keys.flatMap(({ key, previous }) =>
    previous === undefined || previous.key === key ? [] : [{ before: keyId(previous.key), now: keyId(key) }],
  );
}

/** Undefined where nothing is limited, so that such a key costs nothing. */
function limitsOf(own: ClientLimits): ClientLimits | undefined {
  const { budget: money, ...others } = own;
  const limited = money !== undefined && limitsAnything(money);
  return limited || Object.values(others).some((limit) => limit !== undefined) ? own : undefined;
}

const price = (of: string) => dollars(0).meta({ description: `US dollars for a million tokens ${of}.` });

const priceFields = {
  input: price('of input'),
  output: price('of output, thinking included'),
  'cache-read': price('of input from the prompt cache; the price of input without it').optional(),
  'cache-write': price('of input put into the prompt cache; the price of input without it').optional(),
  'cache-write-1h': price(
    'of input put into the prompt cache for an hour; the price of `cache-write` without it',
  ).optional(),
  'audio-input': price('of sound in the input; the price of input without it').optional(),
  'audio-cache-read': price(
    'of sound from the prompt cache; without it the price of `audio-input`, or that of `cache-read`',
  ).optional(),
  'audio-output': price('of sound in the answer; the price of output without it').optional(),
  'image-input': price('of pictures in the input; the price of input without it').optional(),
  'image-cache-read': price(
    'of pictures from the prompt cache; without it the price of `image-input`, or that of `cache-read`',
  ).optional(),
  'image-output': price('of pictures in the answer; the price of output without it').optional(),
  'video-input': price('of video in the input; the price of input without it').optional(),
};

const allPriceFields = {
  ...priceFields,
  'long-prompts': group({
    'longer-than': wholeNumber(1).meta({ description: 'Tokens of input, cached ones included.' }),
    ...priceFields,
  })
    .optional()
    .meta({ description: 'What all tokens of a request with a longer prompt cost.' }),
};

/** Of two prices that end on one day, only one can have held on the day before. */
function eachDayOnce(earlier: readonly { until: string }[], context: z.RefinementCtx): void {
  const places = new Map<string, number>();
  for (const [at, { until }] of earlier.entries()) {
    const first = places.get(until);
    if (first === undefined) places.set(until, at);
    else
      context.addIssue({
        code: 'custom',
        path: [at, 'until'],
        params: {
          sentence: `there is a price until ${until} already, at earlier[${first}]`,
          hint: 'keep one of them, or give each the first day on which it did not hold any more',
        },
      });
  }
}

/** Prices of models, where the shipped ones are not right or there are none. */
export const prices = mapOf(
  group({
    ...allPriceFields,
    earlier: listOf(
      group({
        until: calendarDay().meta({
          description: 'The first day (UTC) on which it does not hold any more, in any order of the list.',
        }),
        ...allPriceFields,
      }),
      'prices that held before, each with `until`',
    )
      .superRefine(eachDayOnce)
      .meta({ expects: 'a list of prices that held before, each with `until`' })
      .optional()
      .meta({
        description: 'Earlier prices: for recalculated costs, and for imported requests.',
      }),
  }),
  'names of models, each with its prices (input, output, cache-read, cache-write, …)',
);

/** What a million tokens of a model cost, in US dollars. */
export type ModelPrice = z.output<typeof prices>[string];
