/** `model-routes`: models by name, each with where it leads, in which order and for which requests. docs/routing.md explains how they work. */
import { z } from 'zod';
import { type ReasoningAmount, splitModelSuffix } from '../protocols/reasoning.ts';
import { ownTimeouts } from './pool-keys.ts';
import type { PathSegment } from './problem.ts';
import { flag, group, listOf, mapOf, oneOf, text, wholeNumber } from './values.ts';

const effort = z
  .string()
  .transform((word, context): ReasoningAmount => {
    const { amount } = splitModelSuffix(`model(${word})`);
    if (amount !== undefined) return amount;
    context.addIssue({ code: 'custom' });
    return z.NEVER;
  })
  .meta({
    expects: 'none, auto, minimal, low, medium, high, xhigh, max, ultra or a number of tokens',
  });

const targetFields = {
  effort: effort.optional().meta({
    description: "Thinking effort, overriding the client's: the same as a suffix, `model(high)`.",
  }),
  'max-output-tokens': wholeNumber(1)
    .optional()
    .meta({ description: 'Longest answer in tokens; larger limits of clients are reduced to this.' }),
  timeouts: ownTimeouts
    .optional()
    .meta({ description: 'Other `timeouts` than those of the credential that serves it.' }),
};

const target = group({
  model: text('the name of a model').meta({
    description:
      "A model's name as clients would write it, with a suffix if wanted, or that of another model route. `*` is the name that the client wrote. Inside the route of its own name, a name is the real model.",
  }),
  ...targetFields,
});

const models = z
  .union([text('the name of a model'), target, listOf(z.union([text(), target]), 'models')])
  .meta({ expects: 'a model, or a list of models' });

const words = ['images', 'web-search', 'thinking', 'background'] as const;
const word = oneOf(words);
const conditionGroup = group({
  'long-context': wholeNumber(1)
    .optional()
    .meta({ description: 'The prompt is longer than so many tokens, by an estimate over its bytes.' }),
  images: flag().optional().meta({ description: 'It has images.' }),
  'web-search': flag().optional().meta({ description: "It has the provider's own web search as a tool." }),
  thinking: flag().optional().meta({ description: 'Thinking is enabled, in its body or by a suffix.' }),
  background: flag().optional().meta({
    description:
      'It is for a small model, as clients use for background tasks: `haiku`, `mini`, `nano`, `lite`, `flash` or `small` is a word of the name.',
  }),
});

/** What a request must be, all of it; false is the opposite. */
export type RouteConditions = z.output<typeof conditionGroup>;

const when = z
  .union([word, listOf(word, 'such words'), conditionGroup])
  .transform((written, context): RouteConditions => {
    const conditions: RouteConditions = {};
    if (typeof written !== 'string' && !Array.isArray(written)) Object.assign(conditions, written);
    else for (const one of [written].flat()) conditions[one] = true;
    if (Object.values(conditions).some((value) => value !== undefined)) return conditions;
    context.addIssue({ code: 'custom', params: { sentence: 'this rule has no condition on the request' } });
    return z.NEVER;
  })
  .meta({
    expects: `${words.join(', ')}, a list of these, or keys (long-context, ${words.join(', ')})`,
  });

/** A model that a route leads to. */
export interface TargetConfig {
  model: string;
  effort: ReasoningAmount | undefined;
  'max-output-tokens': number | undefined;
  timeouts: z.output<typeof ownTimeouts> | undefined;
  /** Its path in the route's entry. */
  at: readonly PathSegment[];
}

export interface RouteRule {
  when: RouteConditions;
  models: readonly TargetConfig[];
}

export interface ModelRoute {
  models: readonly TargetConfig[];
  /** The first that holds decides. */
  rules: readonly RouteRule[];
}

type OwnSettings = Partial<Omit<TargetConfig, 'model' | 'at'>>;

interface WrittenModels extends OwnSettings {
  model?: string | undefined;
  models?: z.output<typeof models> | undefined;
}

const listFields = {
  models: models.optional().meta({
    description:
      'The model, or several in their order: the next serves when no credential of those before it can.',
  }),
  model: text('the name of a model').optional().meta({ description: 'The same for one model.' }),
  ...targetFields,
};

const rule = group({
  when: when.meta({ description: 'Conditions on the request: one name, several, or keys with values.' }),
  ...listFields,
});

const routeGroup = group({
  ...listFields,
  rules: listOf(rule, 'rules (when, models)').default([]).meta({
    description: 'Other models for requests of a kind; the first rule that holds decides.',
  }),
});

const modelRoute = z
  .union([text('the name of a model'), listOf(z.union([text(), target]), 'models'), routeGroup])
  .transform((written, context): ModelRoute => {
    const missing = (path: PathSegment[], sentence: string): void =>
      context.addIssue({ code: 'custom', path, params: { sentence, hint: 'write models: [NAME, …]' } });
    if (typeof written === 'string' || Array.isArray(written)) {
      const targets = targetsOf(written, {}, []);
      if (targets.length === 0) missing([], 'this route names no model');
      return { models: targets, rules: [] };
    }
    const read = (given: WrittenModels, inherited: OwnSettings, at: PathSegment[]): TargetConfig[] => {
      const own = settled(given, inherited);
      if (given.models !== undefined && given.model !== undefined)
        missing([...at, 'model'], 'models and model cannot be combined');
      return given.models === undefined
        ? targetsOf(given.model ?? [], own, [...at, 'model'])
        : targetsOf(given.models, own, [...at, 'models']);
    };
    const named = read(written, {}, []);
    if (named.length === 0 && (written.rules.length === 0 || written.models !== undefined))
      missing([], 'this route names no model');
    const rules = written.rules.map((one, index) => {
      const targets = read(one, settled(written, {}), ['rules', index]);
      if (targets.length === 0) missing(['rules', index], 'this rule names no model');
      return { when: one.when, models: targets };
    });
    // An entry with only other settings keeps the requested model.
    return { models: named.length > 0 ? named : targetsOf('*', settled(written, {}), []), rules };
  })
  .meta({ expects: 'a model, a list of models, or keys (models, rules, …)' });

export const modelRoutes = mapOf(modelRoute, 'names, each with a model or a list of models');
export type ModelRoutes = z.output<typeof modelRoutes>;

function targetsOf(
  written: z.output<typeof models>,
  inherited: OwnSettings,
  at: readonly PathSegment[],
): TargetConfig[] {
  const one = (given: string | z.output<typeof target>, place: readonly PathSegment[]): TargetConfig => {
    const own = typeof given === 'string' ? { model: given } : given;
    return { model: own.model.trim(), ...settled(own, inherited), at: place };
  };
  return Array.isArray(written)
    ? written.map((given, index) => one(given, [...at, index]))
    : [one(written, at)];
}

function settled(own: OwnSettings, inherited: OwnSettings): Omit<TargetConfig, 'model' | 'at'> {
  return {
    effort: own.effort ?? inherited.effort,
    'max-output-tokens': own['max-output-tokens'] ?? inherited['max-output-tokens'],
    timeouts: own.timeouts ?? inherited.timeouts,
  };
}
