/** The schema's complaints as sentences with a place, what was found, what is allowed and what to do. */
import { z } from 'zod';
import { explainUnknownKey } from './known-keys.ts';
import { asNumbered, type Move } from './moved-keys.ts';
import { type ConfigProblem, describeValue, dottedPath, type PathSegment, shownPath } from './problem.ts';
import { configSchema } from './schema.ts';
import { factsOf, kindsOf, schemaAt } from './schema-facts.ts';
import { suggestion } from './suggestion.ts';
import type { YamlDocument } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;

export interface Explaining {
  file: string;
  document: YamlDocument;
  /** What the schema was given. */
  value: unknown;
  fromEnvironment: ReadonlyMap<string, string>;
  moves: readonly Move[];
}

/** One problem for each thing that is wrong; several for an issue that names several keys. */
export function explainIssue(
  issue: Issue,
  base: readonly PathSegment[],
  context: Explaining,
): ConfigProblem[] {
  const path = [...base, ...issue.path.filter((segment) => typeof segment !== 'symbol')];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKeyProblem([...path, key], context));
  if (issue.code === 'invalid_union') {
    const value = valueAt(context.value, path);
    const branch = issue.errors.find((issues) => !issues.some((inner) => isWrongKind(inner, value)));
    if (branch) return branch.flatMap((inner) => explainIssue(inner, path, context));
  }
  if (issue.code === 'custom' && typeof issue.params?.sentence === 'string') {
    const hint = issue.params.hint;
    return [
      {
        file: context.file,
        ...context.document.position(path, 'value'),
        key: shownPath(asNumbered(path, context.moves)),
        message: issue.params.sentence,
        ...(typeof hint === 'string' ? { hint } : {}),
      },
    ];
  }
  return [valueProblem(issue, path, context)];
}

/** Whether a form is not meant at all: a list is no slip in one word. */
function isWrongKind({ code, path }: Issue, value: unknown): boolean {
  if (path.length > 0) return false;
  return code === 'invalid_type' || (code === 'invalid_value' && typeof value === 'object');
}

function unknownKeyProblem(path: readonly PathSegment[], context: Explaining): ConfigProblem {
  const { expected, hint } = explainUnknownKey(path);
  return {
    file: context.file,
    ...context.document.position(path, 'key'),
    key: shownPath(asNumbered(path, context.moves)),
    message: 'unknown key',
    expected,
    hint,
  };
}

function valueProblem(issue: Issue, path: readonly PathSegment[], context: Explaining): ConfigProblem {
  const schema = schemaAt(configSchema, path);
  const facts = schema && factsOf(schema);
  const expected = issue.code === 'invalid_key' ? 'a header name' : facts?.expects || 'another value';
  const value = issue.code === 'invalid_key' ? path.at(-1) : valueAt(context.value, path);
  const key = shownPath(asNumbered(path, context.moves));
  const written = context.fromEnvironment.get(dottedPath(path));
  const found =
    written === undefined
      ? describeValue(value, issue.code !== 'invalid_key' && (facts?.secret === true || holdsSecrets(path)))
      : `what the environment gives for ${JSON.stringify(written)}`;
  const place = {
    file: context.file,
    ...context.document.position(path, issue.code === 'invalid_key' ? 'key' : 'value'),
    key,
  };
  const hint = schema && hintFor(schema, value, path);
  return {
    ...place,
    message:
      value === undefined ? `is missing; expected ${expected}` : `expected ${expected}, found ${found}`,
    found,
    expected,
    ...(hint === undefined ? {} : { hint }),
  };
}

/** Where credentials are listed, any value in the place of the list may be one. */
function holdsSecrets(path: readonly PathSegment[]): boolean {
  const name = path.findLast((segment) => typeof segment === 'string') ?? '';
  return /(^|-)(keys?|secret|headers|entries)$/.test(name);
}

function valueAt(value: unknown, path: readonly PathSegment[]): unknown {
  let current = value;
  for (const segment of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.getOwnPropertyDescriptor(current, segment)?.value;
  }
  return current;
}

function hintFor(schema: z.core.$ZodType, value: unknown, path: readonly PathSegment[]): string | undefined {
  const kinds = kindsOf(schema);
  const key = String(path.at(-1));
  if (typeof value === 'string') {
    const bare = kinds.has('number')
      ? /^-?\d+$/.test(value)
      : kinds.has('flag') && /^(true|false)$/.test(value);
    if (bare) return `take the quotes away: ${key}: ${value}`;
    const choices = choicesOf(schema);
    const meant = suggestion(value, choices);
    if (meant !== undefined) return `did you mean "${meant}"?`;
    if (kinds.has('group') && !kinds.has('text') && /^[\w-]+:\S/.test(value))
      return 'put a space after the ":"';
    if (key === 'base-url' && /^[\w.-]+\.\w+(:\d+)?(\/|$)/.test(value))
      return 'put "https://" in front of it';
  }
  if (!kinds.has('list') || Array.isArray(value) || value === undefined) return undefined;
  // Where one word, or keys, would do as well, a list is not what is wrong.
  const isGroup = typeof value === 'object';
  if (kinds.has(isGroup ? 'group' : 'text')) return undefined;
  return isGroup
    ? 'it is a list: begin each entry with "- "'
    : 'it is a list: write each item on a line of its own, beginning with "- "';
}

/** The words that a schema lets be there, also as one of several forms. */
function choicesOf(schema: z.core.$ZodType): string[] {
  const { inner } = factsOf(schema);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => choicesOf(option));
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}
