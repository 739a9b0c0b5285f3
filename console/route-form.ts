/** A model route in a form, and in the file: docs/routing.md explains what each part means. */
import { type Group, isGroup } from '../src/config/group.ts';

export const conditionWords = ['images', 'web-search', 'thinking', 'background'] as const;
export type ConditionWord = (typeof conditionWords)[number];

/** A model that the route leads to. `rest`: what no field of the form has a place for; it stays as it is. */
export interface TargetForm {
  model: string;
  effort: string;
  maxOutput: string;
  rest: Group;
}

/** Other models for requests that are so. */
export interface RuleForm {
  longContext: string;
  words: Partial<Record<ConditionWord, boolean>>;
  targets: TargetForm[];
  rest: Group;
}

export interface RouteForm {
  name: string;
  targets: TargetForm[];
  rules: RuleForm[];
  rest: Group;
}

export const emptyTarget: TargetForm = { model: '', effort: '', maxOutput: '', rest: {} };
export const emptyRule: RuleForm = { longContext: '', words: {}, targets: [emptyTarget], rest: {} };
export const emptyRoute: RouteForm = { name: '', targets: [emptyTarget], rules: [], rest: {} };

export function routeForm(name: string, written: unknown): RouteForm {
  if (!isGroup(written)) return { name, targets: targetsOf(written), rules: [], rest: {} };
  const { models, model, rules, ...rest } = written;
  return {
    name,
    targets: targetsOf(models ?? model),
    rules: Array.isArray(rules) ? rules.filter(isGroup).map(ruleForm) : [],
    rest,
  };
}

function ruleForm({ when, models, model, ...rest }: Group): RuleForm {
  const { 'long-context': longContext, ...words } = isGroup(when)
    ? when
    : Object.fromEntries([when].flat().map((word) => [String(word), true]));
  return {
    longContext: textOf(longContext),
    words: Object.fromEntries(
      conditionWords.flatMap((word) => {
        const value = words[word];
        return typeof value === 'boolean' ? [[word, value]] : [];
      }),
    ),
    targets: targetsOf(models ?? model),
    rest,
  };
}

function targetsOf(written: unknown): TargetForm[] {
  return (written === undefined || written === null ? [] : [written].flat()).map((one: unknown) => {
    if (!isGroup(one)) return { ...emptyTarget, model: textOf(one) };
    const { model, effort, 'max-output-tokens': maxOutput, ...rest } = one;
    return { model: textOf(model), effort: textOf(effort), maxOutput: textOf(maxOutput), rest };
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** In its shortest form. */
export function writtenRoute({ targets, rules, rest }: RouteForm): unknown {
  const models = writtenTargets(targets);
  if (rules.length === 0 && Object.keys(rest).length === 0) return models;
  return {
    ...(models !== undefined && { models }),
    ...rest,
    ...(rules.length > 0 && { rules: rules.map(writtenRule) }),
  };
}

function writtenRule({ longContext, words, targets, rest }: RuleForm): Group {
  const said = conditionWords.flatMap((word): [ConditionWord, boolean][] => {
    const value = words[word];
    return value === undefined ? [] : [[word, value]];
  });
  const [first] = said;
  const onlyWords = longContext.trim() === '' && said.length > 0 && said.every(([, value]) => value);
  const when =
    onlyWords && first !== undefined
      ? said.length === 1
        ? first[0]
        : said.map(([word]) => word)
      : {
          ...(longContext.trim() !== '' && { 'long-context': numberOf(longContext) }),
          ...Object.fromEntries(said),
        };
  const models = writtenTargets(targets);
  return { when, ...(models !== undefined && { models }), ...rest };
}

/** Undefined for none. */
function writtenTargets(targets: readonly TargetForm[]): unknown {
  const written = targets
    .filter(({ model }) => model.trim() !== '')
    .map(({ model, effort, maxOutput, rest }): unknown => {
      const more = {
        ...(effort.trim() !== '' && { effort: effort.trim() }),
        ...(maxOutput.trim() !== '' && { 'max-output-tokens': numberOf(maxOutput) }),
        ...rest,
      };
      return Object.keys(more).length === 0 ? model.trim() : { model: model.trim(), ...more };
    });
  return written.length === 0 ? undefined : written.length === 1 ? written[0] : written;
}

/** An invalid number stays a text: the gateway reports what it expects. */
function numberOf(text: string): number | string {
  return /^\d+$/.test(text.trim()) ? Number(text) : text.trim();
}
