/**
 * Brings the values of a YAML file into the form the schema reads: variables filled in, unset keys left out,
 * plain numbers taken as the text they are where a text belongs, keys that change nothing removed and reported.
 */
import { z } from 'zod';
import { type Environment, expandEnvironment } from './environment.ts';
import { inertMessage } from './inert-keys.ts';
import { explainUnknownKey, type InertNode, inertMember, inertTree } from './known-keys.ts';
import { type ConfigProblem, type ConfigWarning, dottedPath, type PathSegment } from './problem.ts';
import { factsOf, kindsOf, memberSchema } from './schema-facts.ts';
import type { YamlDocument } from './yaml-document.ts';

type Schema = z.core.$ZodType;
type Path = readonly PathSegment[];

export interface Normalized {
  value: unknown;
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
  /** Values that came from the environment, by dotted path: the text as it stands in the file. */
  fromEnvironment: ReadonlyMap<string, string>;
}

interface Walk {
  file: string;
  document: YamlDocument;
  environment: Environment;
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
  fromEnvironment: Map<string, string>;
  /** Patterns already reported. */
  reported: Set<string>;
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function normalize(
  schema: Schema,
  document: YamlDocument,
  environment: Environment,
  file: string,
): Normalized {
  const walk: Walk = {
    file,
    document,
    environment,
    problems: [],
    warnings: [],
    fromEnvironment: new Map(),
    reported: new Set(),
  };
  const value = normalizeValue(schema, document.value ?? {}, [], inertTree, walk);
  const { problems, warnings, fromEnvironment } = walk;
  return { value, problems, warnings, fromEnvironment };
}

function normalizeValue(
  schema: Schema,
  value: unknown,
  path: Path,
  inert: InertNode | undefined,
  walk: Walk,
): unknown {
  if (Array.isArray(value)) {
    const item = memberSchema(schema, 0);
    return item && kindsOf(schema).has('list')
      ? value.map((member, index) =>
          normalizeValue(item, member, [...path, index], inertMember(inert, index), walk),
        )
      : value;
  }
  if (isGroup(value))
    return kindsOf(schema).has('group') ? normalizeGroup(schema, value, path, inert, walk) : value;
  return normalizeScalar(schema, value, path, walk);
}

function normalizeGroup(
  schema: Schema,
  group: Record<string, unknown>,
  path: Path,
  inert: InertNode | undefined,
  walk: Walk,
): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [key, written] of Object.entries(group)) {
    const at = [...path, key];
    const member = memberSchema(schema, key);
    const node = inertMember(inert, key);
    if (!member) {
      if (node) reportUnused(node, written, at, walk);
      else entries.push([key, written]); // The schema rejects it.
      continue;
    }
    const facts = factsOf(member);
    const value = normalizeValue(member, written, at, node, walk);
    const unset = value === null || (value === '' && !facts.emptyCounts);
    // The peer's language has no "unset": its files write null or an empty text for it.
    if (unset && (facts.mayBeAbsent || factsOf(schema).inner instanceof z.ZodRecord)) continue;
    if (node?.row && JSON.stringify(value) !== JSON.stringify(facts.default)) report(node.row, at, walk);
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

/** A key that the schema does not have, but that the peer knows, or that holds such keys. */
function reportUnused(node: InertNode, value: unknown, path: Path, walk: Walk): void {
  if (node.row) report(node.row, path, walk);
  if (node.row || !isGroup(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, key];
    const below = inertMember(node, key);
    if (below) reportUnused(below, member, at, walk);
    else
      walk.problems.push({
        file: walk.file,
        ...walk.document.position(at, 'key'),
        key: dottedPath(at),
        message: 'unknown key',
        ...explainUnknownKey(at),
      });
  }
}

function report(row: NonNullable<InertNode['row']>, path: Path, walk: Walk): void {
  if (walk.reported.has(row.key)) return;
  walk.reported.add(row.key);
  walk.warnings.push({
    file: walk.file,
    ...walk.document.position(path, 'key'),
    key: row.key,
    message: inertMessage(row),
  });
}

function normalizeScalar(schema: Schema, value: unknown, path: Path, walk: Walk): unknown {
  const kinds = kindsOf(schema);
  if (typeof value === 'number' || typeof value === 'boolean') {
    const fits = kinds.has(typeof value === 'number' ? 'number' : 'flag');
    // `api-key: 0123456` is meant as it is written.
    return fits || !kinds.has('text') ? value : walk.document.scalar(path)?.source;
  }
  if (typeof value !== 'string') return value;

  const expansion = expandEnvironment(value, walk.environment);
  if (!expansion.ok) {
    const { message, hint } = expansion;
    walk.problems.push({
      file: walk.file,
      ...walk.document.position(path, 'value'),
      key: dottedPath(path),
      message,
      hint,
    });
    return value;
  }
  if (expansion.expanded) walk.fromEnvironment.set(dottedPath(path), value);
  const { text } = expansion;
  if (kinds.has('text') || !walk.document.scalar(path)?.plain) return text;
  if (kinds.has('number') && expansion.expanded && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  // The peer's YAML takes the words of YAML 1.1 for a flag.
  if (kinds.has('flag') && /^(true|yes|on)$/i.test(text)) return true;
  if (kinds.has('flag') && /^(false|no|off)$/i.test(text)) return false;
  return text;
}
