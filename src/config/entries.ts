/** The keys of one provider credential in the configuration file. */
import type { z } from 'zod';
import { fromEntries } from '../providers/from-entries.ts';
import type { KeyList } from '../providers/record.ts';
import { keyLists } from '../providers/registry.ts';
import { budget } from './budget.ts';
import { errorRules, ownCooldown, ownTimeouts } from './pool-keys.ts';
import {
  baseUrl,
  flag,
  group,
  headers,
  listOf,
  oneOf,
  prefix,
  proxyUrl,
  secret,
  secretOrNone,
  text,
  wholeNumber,
} from './values.ts';

export const modelEntry = group({
  name: text("the provider's name of the model").meta({
    description: "The model's name at the provider.",
  }),
  alias: text('the name clients use').optional().meta({
    description: 'The name that clients use. Default: `name`.',
  }),
  'display-name': text('a name for people').optional().meta({
    description: 'The name that model lists show to people, where the protocol has a place for one.',
  }),
});

const allowed = (what: string) => flag().optional().meta({ description: what });

/** What a model can think, where the shipped table has it otherwise or does not know the model. */
const thinking = group({
  min: wholeNumber(0).optional().meta({ description: 'Smallest budget in tokens.' }),
  max: wholeNumber(0)
    .optional()
    .meta({ description: 'Largest budget in tokens; 0 means that it cannot think.' }),
  'zero-allowed': allowed('Whether thinking can be switched off.'),
  zero_allowed: allowed('The same.'),
  'dynamic-allowed': allowed('Whether the model can choose its thinking effort itself.'),
  dynamic_allowed: allowed('The same.'),
  levels: listOf(text('a level'), 'levels such as low, medium, high').optional().meta({
    description: 'Levels that it takes instead of a budget, weakest first.',
  }),
});
export type ThinkingEntry = z.output<typeof thinking>;

/** A model of a key, optionally with its name for clients. */
const keyModelEntry = group({
  ...modelEntry.shape,
  'max-context-length': wholeNumber(1).optional().meta({
    description: 'Tokens that fit into a request; for model lists.',
  }),
  thinking: thinking.optional().meta({
    description: 'What it can think; wishes of clients are brought into these bounds.',
  }),
});

const apiKey = secret().meta({
  description: 'The key the provider gave you.',
});

const keyName = text('a name for this key').optional().meta({
  description:
    'What you call this key: it appears in the log, `models`, `explain` and all lists, behind the name of its provider (`gemini/team`), instead of its last characters.',
});

/** Keys that every credential of every provider list has. */
export const commonFields = {
  priority: wholeNumber()
    .default(0)
    .meta({ description: 'Credentials with a higher number are used before all others.' }),
  weight: wholeNumber(undefined, 1_000_000)
    .default(1)
    .meta({ description: 'Share of the requests when the routing strategy is weighted.' }),
  prefix: prefix().optional().meta({
    description:
      'A name for this credential: with `prefix: work`, clients reach it as `work/<model>` as well as `<model>`.',
  }),
  'proxy-url': proxyUrl().optional().meta({
    description: 'Proxy for this credential. `direct` uses none, regardless of the global setting.',
  }),
  headers: headers().default({}).meta({
    description:
      "Headers added to each request to the provider. A value `$Name` copies the client's header `Name`.",
  }),
  models: listOf(keyModelEntry, 'models (name, alias)').default([]).meta({
    description:
      "The models this credential serves. An empty list means the provider's own list (of `openai-compatibility`: what the service lists).",
  }),
  'excluded-models': listOf(text('a model name'), 'model names').default([]).meta({
    description: 'Models never sent to this credential, by provider name; `*` matches any text.',
  }),
  'disable-cooling': flag()
    .optional()
    .meta({ description: 'Overrides the global `disable-cooling` for this credential.' }),
  'request-retry': wholeNumber()
    .transform((value) => (value < 0 ? undefined : value))
    .optional()
    .meta({
      description: 'Overrides the global `request-retry` for this credential; negative numbers do not.',
    }),
  concurrency: wholeNumber(1).optional().meta({
    description: 'Most requests that this credential serves at the same time; others take its place.',
  }),
  queue: wholeNumber(0).optional().meta({
    description:
      'Most requests that wait for one of its `concurrency` slots when no other credential can serve them, first in, first out; 16 by default.',
  }),
  budget: budget.optional().meta({
    description:
      'What this credential may spend; when that is spent others take its place until the next day or month.',
  }),
  cooldown: ownCooldown.optional().meta({
    description: 'Overrides the global `cooldown` for this credential.',
  }),
  timeouts: ownTimeouts.optional().meta({
    description: 'Overrides the global `timeouts` for this credential.',
  }),
  'request-scoped-errors': errorRules.default([]).meta({
    description: 'What single errors of this provider mean; the first rule that fits decides.',
  }),
};

const disabled = flag().default(false).meta({ description: 'Keeps the entry in the file without using it.' });

function keyEntry({ baseUrl: defaultUrl, words, websockets }: KeyList) {
  const fields = {
    'api-key': apiKey,
    name: keyName,
    'base-url': baseUrl()
      .default(defaultUrl)
      .meta({ description: `Address of the ${words.api}.` }),
    disabled,
    ...commonFields,
  };
  return websockets
    ? group({ ...fields, websockets: flag().default(false).meta(overWebSocket) })
    : group(fields);
}

const overWebSocket = {
  description: 'Requests streams over a WebSocket if the service has one, else over HTTP.',
};

function keyListField(list: KeyList) {
  return listOf(keyEntry(list), list.words.entries).default([]).meta({ description: list.words.list });
}

/** The lists of API keys, by name. */
export const keyListFields = fromEntries(keyLists.map(([name, list]) => [name, keyListField(list)]));

export const compatibleKey = group({
  'api-key': secretOrNone().default('').meta({
    description: 'The API key of the provider; may be left out if the provider needs none.',
  }),
  name: keyName,
  disabled,
  weight: commonFields.weight,
  'proxy-url': commonFields['proxy-url'],
});

export const compatibleEntry = group({
  name: text('a name for this provider').meta({
    description:
      'What you call this provider; it appears in logs and lists. A name of the table below is that service.',
  }),
  'base-url': baseUrl().meta({
    description:
      'Where the API is, up to and including the version: `https://api.example.com/v1`. The services below need none.',
  }),
  'api-key': secretOrNone().optional().meta({
    description: 'The key, where there is one only: the same as one entry of `api-key-entries`.',
  }),
  'api-key-entries': listOf(compatibleKey, 'keys (api-key, weight, proxy-url)')
    .default([])
    .meta({ description: 'Keys for this provider. An empty list sends requests without a key.' }),
  protocol: oneOf(['chat', 'responses']).default('chat').meta({
    description: 'The OpenAI protocol of this provider: Chat Completions or Responses.',
  }),
  'api-version': text('a version such as 2024-10-21').optional().meta({
    description:
      'Azure OpenAI: the version in its addresses; one with a date has addresses of deployments. See docs/providers/azure.md.',
  }),
  'stream-usage': flag().optional().meta({
    description:
      'Whether usage is requested with its streams (`stream_options.include_usage`): `true` for a service that supports the field, `false` for one that rejects it. Default: it is requested from the services below that support it, from others only by translated requests. See docs/usage.md.',
  }),
  disabled,
  ...commonFields,
});

export type KeyModelEntry = z.output<typeof keyModelEntry>;
export type KeyEntry = z.output<ReturnType<typeof keyEntry>>;
