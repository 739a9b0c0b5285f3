/** `payload`: what the owner sets, changes or removes in the bodies that go to providers. docs/payload.md has examples. */
import { z } from 'zod';
import { accountProviders } from '../providers/registry.ts';
import { group, listOf, mapOf, text } from './values.ts';

/** Providers whose form of bodies has a name of its own. */
const ownForms = Object.values(accountProviders).flatMap(({ name, ownPayloadForm }) =>
  ownPayloadForm ? `\`${name}\`` : [],
);

const anything = z.unknown().meta({ expects: 'a value', emptyCounts: true });

const conditions = listOf(mapOf(anything, 'paths and values'), 'paths with values');
const paths = listOf(text('a path'), 'paths');

const models = listOf(
  group({
    name: text('the name of a model').optional().meta({
      description:
        "The model, by the provider's name or the client's; `*` matches any text. A row without a name matches nothing.",
    }),
    protocol: text('a protocol')
      .optional()
      .meta({
        description: `What goes to the provider: \`openai\`, \`responses\` (or \`codex\`), \`claude\`, \`gemini\`, ${ownForms.join(', ')}; any without it.`,
      }),
    'from-protocol': text('a protocol')
      .optional()
      .meta({ description: "The client's protocol, with the same names." }),
    headers: mapOf(text('a text'), 'header names and patterns')
      .optional()
      .meta({ description: "Headers of the client's request that must match; `*` matches any text." }),
    match: conditions.optional().meta({ description: 'Paths that must have these values, all of them.' }),
    'not-match': conditions.optional().meta({ description: 'Paths that must not have these values.' }),
    exist: paths.optional().meta({ description: 'Paths that must be there.' }),
    'not-exist': paths.optional().meta({ description: 'Paths that must not be there.' }),
  }),
  'models (name, protocol)',
)
  .default([])
  .meta({ description: 'Which requests the rule applies to: those that match any of these rows.' });

const setting = (what: string) =>
  listOf(
    group({
      models,
      params: mapOf(anything, 'paths and values')
        .default({})
        .meta({
          description: `Paths in the body (\`reasoning.effort\`, \`tools.0.name\`), each with ${what}.`,
        }),
    }),
    'rules (models, params)',
  ).default([]);

export const payload = group({
  default: setting('the value where the request has none').meta({
    description: 'Sets what a request leaves open; the first rule for a path counts.',
  }),
  'default-raw': setting('such a value as JSON text').meta({ description: 'The same with JSON texts.' }),
  override: setting('the value that it gets').meta({
    description: 'Sets the value in any case; the last rule for a path counts.',
  }),
  'override-raw': setting('such a value as JSON text').meta({ description: 'The same with JSON texts.' }),
  filter: listOf(
    group({ models, params: paths.default([]).meta({ description: 'Paths that are removed.' }) }),
    'rules (models, params)',
  )
    .default([])
    .meta({ description: 'Removes paths from requests, after all else.' }),
});

export type PayloadConfig = z.output<typeof payload>;
export type PayloadModels = PayloadConfig['filter'][number]['models'];
