/** Which keys a place in the file knows, in use or not, and what a key that it does not know was meant to be. */
import { INERT_KEYS, type InertKey, OTHER_NAMES } from './inert-keys.ts';
import type { PathSegment } from './problem.ts';
import { configSchema } from './schema.ts';
import { keysBelow, keysIn, memberSchema, schemaAt } from './schema-facts.ts';
import { nearMiss } from './suggestion.ts';

/** A place in the tree of keys that change nothing. */
export interface InertNode {
  row?: InertKey;
  below: Map<string, InertNode>;
}

function buildTree(rows: readonly InertKey[]): InertNode {
  const root: InertNode = { below: new Map() };
  for (const row of rows) {
    let node = root;
    for (const segment of row.key.replaceAll('[]', '.[]').split('.')) {
      const next: InertNode = node.below.get(segment) ?? { below: new Map() };
      node.below.set(segment, next);
      node = next;
    }
    node.row = row;
  }
  return root;
}

export const inertTree = buildTree(INERT_KEYS);

/** The node for a member, if any key at or below it changes nothing. */
export function inertMember(node: InertNode | undefined, segment: PathSegment): InertNode | undefined {
  return node?.below.get(typeof segment === 'number' ? '[]' : segment) ?? node?.below.get('*');
}

function lastName(pattern: string): string {
  return pattern.slice(pattern.lastIndexOf('.') + 1);
}

export interface UnknownKey {
  /** A slip of the pen, the name of something that is elsewhere or called otherwise, or a key of another program. */
  meant: 'mistyped' | 'elsewhere' | 'foreign';
  expected: string;
  hint: string;
}

/** The message about an unknown key: the permitted keys of its place, and the likeliest meaning. */
export function explainUnknownKey(path: readonly PathSegment[]): UnknownKey {
  const name = String(path.at(-1));
  const place = path.slice(0, -1);
  const schema = schemaAt(configSchema, place);
  const used = schema === undefined ? [] : keysIn(schema);
  let inert: InertNode | undefined = inertTree;
  for (const segment of place) inert = inertMember(inert, segment);
  const unused = [...(inert?.below ?? [])].filter(([, { row }]) => row?.reason !== 'obsolete');
  const here = new Set([...used, ...unused.map(([key]) => key)]);

  const listed = (used.length ? used : [...here]).join(', ');
  const expected = `one of ${listed}`;
  const mistyped = nearMiss(name, here);
  if (mistyped !== undefined) return { meant: 'mistyped', expected, hint: `did you mean "${mistyped}"?` };
  const otherName = OTHER_NAMES[name.toLowerCase()];
  const elsewhere = otherName !== undefined && here.has(otherName) ? otherName : keyElsewhere(name, place);
  if (elsewhere !== undefined) return { meant: 'elsewhere', expected, hint: `did you mean "${elsewhere}"?` };
  if (place[0] === 'model-routes' && ['when', 'if', 'rules', 'condition'].includes(name))
    return {
      meant: 'mistyped',
      expected,
      hint: 'conditions belong in rules beside the models: {models: [A], rules: [{when: images, models: [B]}]}',
    };
  const allowed = used.length > 16 ? 'docs/configuration.md lists every key' : `allowed here: ${listed}`;
  return { meant: 'foreign', expected, hint: allowed };
}

/** The one key of this name at another place: `strategy` at the top is meant to be `routing.strategy`. */
function keyElsewhere(name: string, place: readonly PathSegment[]): string | undefined {
  if (place.length === 0) {
    const inside = keysBelow(configSchema).filter(({ pattern }) => lastName(pattern) === name);
    return inside.length === 1 ? inside[0]?.pattern : undefined;
  }
  // Settings that differ by provider name the provider themselves: `providers` is about where accounts are.
  if (place[0] === 'providers' && schemaAt(configSchema, [name, 'providers']) !== undefined)
    return `${name}.providers`;
  return memberSchema(configSchema, name) !== undefined
    ? `${name} at the top of the file, without indentation`
    : undefined;
}
