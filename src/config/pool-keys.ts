/** The keys about selection of credentials and failures. docs/routing.md explains how they work together. */
import { z } from 'zod';
import { apiNames } from '../providers/registry.ts';
import { duration, flag, group, listOf, mapOf, oneOf, text, wholeNumber } from './values.ts';

export const routing = group({
  strategy: oneOf(['round-robin', 'weighted-round-robin', 'fill-first', 'least-busy', 'quota-aware'])
    .default('round-robin')
    .meta({ description: 'How a credential is chosen among those of the highest priority that may serve.' }),
  'session-affinity': flag().default(false).meta({
    description:
      "Keeps a conversation on one credential, so that the provider's prompt cache is hit; while that one is cooling down, another takes over for good.",
  }),
  'session-affinity-ttl': duration()
    .prefault('1h')
    .meta({ description: 'How long a conversation without requests is remembered.' }),
  'session-affinity-wait': duration().prefault('10s').meta({
    description:
      'Longest time that a conversation waits for the cooldown of its credential to end, where another would have to process the cached prompt again: 100 ms for each 1,000 tokens. `0`: it never waits.',
  }),
});

/** Milliseconds between two questions about an account's quota, at least. */
const leastPoll = 10 * 60_000;

export const quota = group({
  poll: duration()
    .refine((every) => every === 0 || every >= leastPoll, { abort: true })
    .prefault(0)
    .meta({
      expects: '0, or 10m or more',
      description:
        "How often the quotas of accounts are polled, at the addresses that the providers' own programs use: only accounts that were used in the last hour, and not after a 401, 403 or 429. `0`: never; responses report quotas anyway.",
    }),
});

const cooldownAfter = (after: string) =>
  group({
    first: duration()
      .optional()
      .meta({ description: `First cooldown after ${after}; doubles with each failure.` }),
    longest: duration()
      .optional()
      .meta({ description: `No cooldown after ${after} is longer; \`0\` means none at all.` }),
  }).optional();

/** The cooldowns whose numbers can be replaced; the table of defaults is in docs/routing.md. */
const cooldownGroups = {
  quota: cooldownAfter('429 without a hint').meta({ description: 'A quota is used up.' }),
  auth: cooldownAfter('401').meta({ description: 'The credential is not accepted.' }),
  billing: cooldownAfter('402').meta({ description: 'The account has no credit.' }),
  forbidden: cooldownAfter('403').meta({ description: 'The account may not.' }),
  'model-missing': cooldownAfter('404').meta({ description: 'The provider does not have the model.' }),
  unavailable: cooldownAfter('5xx, 408 or a broken connection').meta({
    description: 'The provider cannot be reached or fails.',
  }),
};

const providerMap = <Value extends z.ZodType>(value: Value, of: string) =>
  z
    .partialRecord(z.enum(apiNames).meta({ expects: `one of ${apiNames.join(', ')}` }), value)
    .meta({ expects: `names of providers, each with ${of}` });

export const cooldown = group({
  probe: duration().prefault('30m').meta({
    description:
      "Longest time that a provider's own reset time applies; then one request at a time probes whether it is over.",
  }),
  ...cooldownGroups,
  providers: providerMap(group(cooldownGroups), 'cooldowns of its own')
    .default({})
    .meta({
      description: `Other numbers for single providers, under their names: ${apiNames.join(', ')}.`,
    }),
});

/** The numbers of one credential. */
export const ownCooldown = group(cooldownGroups);
export type OwnCooldown = z.output<typeof ownCooldown>;

/** Gemini models and the previews that may replace them; ai.google.dev/gemini-api/docs/models, November 2026. */
const previewModels: Record<string, string[]> = {
  'gemini-2.5-pro': ['gemini-3.1-pro-preview', 'gemini-3-pro-preview'],
  'gemini-2.5-flash': ['gemini-3-flash-preview'],
};

export const quotaExceeded = group({
  'switch-project': flag().default(true).meta({
    description:
      'Goes on with another project of the same account when the quota of one is used up; `false` lets all of its projects cool down together.',
  }),
  'switch-preview-model': flag().default(false).meta({
    description:
      'Goes on with a preview of the model (`preview-models`) when its quota is used up at every credential.',
  }),
  'preview-models': mapOf(listOf(text('a model name'), 'model names'), 'models, each with a list of others')
    .default(previewModels)
    .meta({ description: 'Fallbacks of models, in this order.' }),
});

function isPattern(value: string): boolean {
  try {
    new RegExp(value);
    return true;
  } catch {
    return false;
  }
}

const patterns = listOf(
  z.string().refine(isPattern).meta({ expects: 'a regular expression' }),
  'regular expressions',
);

const errorRule = group({
  status: wholeNumber(100, 599)
    .optional()
    .meta({ description: 'The status that the rule applies to; default: every failure.' }),
  match: listOf(text('a text'), 'texts')
    .default([])
    .meta({ description: 'Texts of which one must be in the error.' }),
  'match-regexp': patterns.default([]).meta({ description: 'Regular expressions of which one must fit.' }),
  'match-regexr': patterns.default([]).meta({ description: 'An alias of `match-regexp`.' }),
  action: oneOf(['stop', 'stop-and-cooldown', 'continue', 'continue-and-cooldown']).meta({
    description:
      'Whether the next credential is tried (`continue`) or the client gets the error (`stop`), and whether this credential cools down.',
  }),
});

export const errorRules = listOf(errorRule, 'rules (status, match, match-regexp, action)');
export type ErrorRules = z.output<typeof errorRules>;

const limits = {
  connect: duration().meta({ description: 'Until there is a connection.' }),
  'first-byte': duration().meta({
    description: 'Until the first event of a stream; headers alone do not count.',
  }),
  stall: duration().meta({ description: 'Between two pieces of a stream.' }),
  whole: duration().meta({ description: 'Until an answer that does not stream is complete.' }),
};

const ownLimits = {
  connect: limits.connect.optional(),
  'first-byte': limits['first-byte'].optional(),
  stall: limits.stall.optional(),
  whole: limits.whole.optional(),
};

/** How long the provider of one credential may take. */
export const ownTimeouts = group(ownLimits);
export type OwnTimeouts = z.output<typeof ownTimeouts>;

/** How long providers may take. */
export const timeouts = group({
  connect: limits.connect.prefault('10s'),
  'first-byte': limits['first-byte'].prefault('5m'),
  stall: limits.stall.prefault('5m'),
  whole: limits.whole.prefault('15m'),
  providers: providerMap(ownTimeouts, 'limits of its own')
    .default({})
    .meta({ description: 'Other limits for single providers, by the names in `cooldown.providers`.' }),
});

/** Keep-alives to clients whose answer has not begun, or has fallen silent. */
export const streaming = group({
  'keepalive-seconds': duration().prefault('15s').meta({
    description:
      'A client that has waited so long for a stream is sent its beginning (status 200) and from then on, as often, a keep-alive; a failure after that reaches it as an error of the stream. 0 is never. docs/streaming.md explains more.',
  }),
});
