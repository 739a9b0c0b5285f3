/** Changes what a configuration file says, and of its text only the lines that say it. */
import { isMap, isNode, LineCounter, type Node, parseDocument, visit, type YAMLMap } from 'yaml';
import { type Group, isGroup } from './entry-match.ts';
import { appendToEmpty, breakOf, expandedIn, type Reconciling, reconcile } from './reconcile.ts';
import { renderedBlock, renderedInFlow } from './rendering.ts';
import { endOf, type Splice, spliced, startOfPair } from './spans.ts';

export type TextEdit =
  | { ok: true; text: string }
  /** `unreadable`: the text is no YAML map. `unfit`: what is wanted cannot be written into this text. */
  | { ok: false; reason: 'unreadable' | 'unfit' };

/** What a text says, as plain values; undefined where it is no YAML map. An empty text says `{}`. */
function saidBy(text: string): Group | undefined {
  return sayingOf(parsed(text));
}

function parsed(text: string) {
  return parseDocument(text, {
    keepSourceTokens: true,
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: new LineCounter(),
  });
}

function sayingOf(document: ReturnType<typeof parsed>): Group | undefined {
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
 * The text that says what `change` makes of what it says now. All else stays as it is, byte for byte: comments, order, quotes,
 * anchors, `${NAME}`. Values that mean the same count as unchanged; `expanded` fills in what `${NAME}` means.
 */
export function editedText(
  text: string,
  change: (said: Group) => Group,
  expanded: (text: string) => string = (written) => written,
): TextEdit {
  const document = parsed(text);
  const said = sayingOf(document);
  if (said === undefined) return { ok: false, reason: 'unreadable' };
  const next = change(said);
  const work: Reconciling = { text, document, expanded, splices: [] };
  const root: unknown = document.contents;
  if (isMap(root) && root.items.length > 0) {
    if (!reconcile(root, next, work)) replaceRoot(root, next, work);
  } else if (isMap(root))
    work.splices.push({ from: root.range?.[0] ?? 0, to: endOf(root), text: renderedInFlow(next) });
  else if (Object.keys(next).length > 0) appendToEmpty(next, work);
  detachAliases(work);
  const made = spliced(text, work.splices);
  if (made === text) return { ok: true, text };
  const check = saidBy(made);
  const asWanted = check !== undefined && Bun.deepEquals(meaning(check, expanded), meaning(next, expanded));
  return asWanted ? { ok: true, text: made } : { ok: false, reason: 'unfit' };
}

/** None of its keys stays. */
function replaceRoot(root: YAMLMap, next: Group, work: Reconciling): void {
  const [first] = root.items;
  if (first === undefined) return;
  const to = endOf(root);
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
 * Aliases of what changes get a copy of what it was: they are used elsewhere, for something that nobody wanted to change.
 */
function detachAliases(work: Reconciling): void {
  const { document, splices } = work;
  const touched = [...splices];
  if (touched.length === 0) return;
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
