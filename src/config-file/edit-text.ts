/** Changes the contents of a configuration file, and of its text only the affected lines. */
import { type Document, isMap, isNode, type Node, visit, type YAMLMap } from 'yaml';
import { type Group, isGroup } from '../config/group.ts';
import { parsedAtOnce, parsedYielding, YamlBoundError } from '../config/yielding-parse.ts';
import { atOnce, runYielding } from '../ground/steps.ts';
import { expandedIn, type Reconciling, reconcile } from './reconcile.ts';
import { renderedBlock, renderedInFlow } from './rendering.ts';
import { endOf, type Splice, spliced, startOfPair } from './spans.ts';
import { appendToEmpty, breakOf } from './splices.ts';

export type TextEdit =
  | { ok: true; text: string }
  /** `unreadable`: the text is no YAML map. `unfit`: what is wanted cannot be written into this text. */
  | { ok: false; reason: 'unreadable' | 'unfit' };

const parsing = { keepSourceTokens: true, merge: true, prettyErrors: false, logLevel: 'silent' } as const;

/** The contents of a text, as plain values; undefined for text that is not a YAML map. An empty text is `{}`. */
function sayingOf(document: Document.Parsed): Group | undefined {
  if (document.errors.length > 0) return undefined;
  try {
    const value: unknown = document.toJS() ?? {};
    return isGroup(value) ? value : undefined;
  } catch {
    // Aliases that multiply into millions of values.
    return undefined;
  }
}

/**
 * The text whose contents are those that `change` returns. All else stays byte for byte: comments, order, quotes,
 * anchors, `${NAME}`. Values that mean the same count as unchanged; `expanded` fills in what `${NAME}` means.
 */
export function editedText(
  text: string,
  change: (contents: Group) => Group,
  expanded: (text: string) => string = (written) => written,
): TextEdit {
  const made = atOnce(edited(parsedAtOnce(text, parsing), text, change, expanded));
  if (!made.ok) return made;
  if (made.text === text) return { ok: true, text };
  return atOnce(checked(made, parsedAtOnce(made.text, parsing), expanded));
}

export type MadeText =
  /** `next`: the intended contents. Callers have to verify them: {@link hasSameContents}. */
  { ok: true; text: string; next: Group } | Extract<TextEdit, { ok: false }>;

/** The same without a look at what was made, yielding to everything else that runs. Rejects with YamlBoundError. */
export async function madeYielding(
  text: string,
  change: (contents: Group) => Group,
  expanded: (text: string) => string,
): Promise<MadeText> {
  return runYielding(edited(await parsedYielding(text, parsing), text, change, expanded));
}

/** The same, yielding to everything else that runs. */
export async function editedYielding(
  text: string,
  change: (contents: Group) => Group,
  expanded: (text: string) => string,
): Promise<TextEdit> {
  try {
    const made = await madeYielding(text, change, expanded);
    if (!made.ok) return made;
    if (made.text === text) return { ok: true, text };
    return await runYielding(checked(made, await parsedYielding(made.text, parsing), expanded));
  } catch (error) {
    if (error instanceof YamlBoundError) return { ok: false, reason: 'unreadable' };
    throw error;
  }
}

/** Stops where others may run. */
function* edited(
  document: Document.Parsed,
  text: string,
  change: (contents: Group) => Group,
  expanded: (text: string) => string,
): Generator<void, MadeText> {
  const contents = sayingOf(document);
  if (contents === undefined) return { ok: false, reason: 'unreadable' };
  yield;
  const next = change(contents);
  const untouched = new Set(Object.keys(next).filter((key) => next[key] === contents[key]));
  const work: Reconciling = { text, document, expanded, splices: [], untouched };
  const root: unknown = document.contents;
  if (isMap(root) && root.items.length > 0) {
    if (!reconcile(root, next, work)) replaceRoot(root, next, work);
  } else if (isMap(root))
    work.splices.push({ from: root.range?.[0] ?? 0, to: endOf(root), text: renderedInFlow(next) });
  else if (Object.keys(next).length > 0) appendToEmpty(next, work);
  yield;
  detachAliases(work);
  return { ok: true, text: spliced(text, work.splices), next };
}

/** Whether the text that was made has the intended contents. */
function* checked(
  { text, next }: Extract<MadeText, { ok: true }>,
  document: Document.Parsed,
  expanded: (text: string) => string,
): Generator<void, TextEdit> {
  const contents = sayingOf(document);
  yield;
  const asWanted = contents !== undefined && hasSameContents(contents, next, expanded);
  return asWanted ? { ok: true, text } : { ok: false, reason: 'unfit' };
}

/** Whether the contents of a text and the intended ones are equal. */
export function hasSameContents(contents: Group, next: Group, expanded: (text: string) => string): boolean {
  return [...new Set([...Object.keys(contents), ...Object.keys(next)])].every(
    (key) =>
      Bun.deepEquals(contents[key], next[key]) ||
      Bun.deepEquals(meaning({ key: contents[key] }, expanded), meaning({ key: next[key] }, expanded)),
  );
}

/** None of its keys stays. */
function replaceRoot(root: YAMLMap, next: Group, work: Reconciling): void {
  const [first] = root.items;
  if (first === undefined) return;
  const to = endOf(root);
  if (root.flow) {
    work.splices.splice(0, work.splices.length, {
      from: root.range?.[0] ?? 0,
      to,
      text: renderedInFlow(next),
    });
    return;
  }
  const ended = work.text[to - 1] === '\n' ? breakOf(work.text) : '';
  const from = startOfPair(first);
  work.splices.splice(0, work.splices.length, {
    from,
    to,
    text: `${renderedBlock(next, 0, breakOf(work.text))}${ended}`,
  });
}

/** For comparing: without members that are not set, numbers as the texts that they may be taken for. */
function meaning(value: unknown, expanded: (text: string) => string): unknown {
  const plain: unknown = JSON.parse(JSON.stringify(expandedIn(value, expanded)));
  return textual(plain);
}

function textual(value: unknown): unknown {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(textual);
  if (!isGroup(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, textual(member)]));
}

/**
 * Aliases of what changes get a copy of what it was: they are used elsewhere, for values that are not to change.
 */
function detachAliases(work: Reconciling): void {
  const { document, splices } = work;
  const touched = [...splices];
  if (touched.length === 0 || !work.text.includes('*')) return;
  const hit = (node: Node, by: readonly Splice[]) => {
    const from = node.range?.[0] ?? 0;
    const to = endOf(node);
    return by.some(
      (splice) => splice.from <= to && splice.to >= from && !(splice.from === splice.to && splice.to > to),
    );
  };
  visit(document, {
    Alias(_, alias) {
      const target = alias.resolve(document);
      if (target === undefined || !hit(target, touched)) return;
      const [from, to] = alias.range ?? [0, 0];
      if (touched.some((splice) => splice.from <= from && splice.to >= to)) return;
      splices.push({ from, to, text: renderedInFlow(isNode(target) ? target.toJS(document) : null) });
    },
  });
}
