/**
 * The minimal pieces of a YAML text to change for other contents: comments, order, quotes and references
 * to the environment stay with unchanged values.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { isGroup } from '../config/group.ts';
import { matched } from './entry-match.ts';
import { needsBlock, renderedBlock, renderedInFlow, renderedScalar } from './rendering.ts';
import {
  afterColon,
  columnOf,
  commentStart,
  dashesOf,
  endOf,
  endOfPair,
  isEmpty,
  lineStart,
  nameOf,
  nextLine,
  opensLine,
  spliced,
  startOfPair,
} from './spans.ts';
import { breakOf, insertLines, insertPairs, removePairs, replaceValue, type Splicing } from './splices.ts';

export interface Reconciling extends Splicing {
  document: Document.Parsed;
  /** A text as the configuration means it: references to the environment filled in. */
  expanded(text: string): string;
  /** Keys at the top that are unchanged: their values are identical objects. */
  untouched?: ReadonlySet<string>;
}

/** Whether a text of the file and a new value mean the same. */
function sameScalar(node: unknown, next: unknown, work: Reconciling): boolean {
  if (!isScalar(node)) return false;
  if (node.value === next) return true;
  if (typeof next !== 'string') return (node.value ?? null) === null && next === null;
  if (typeof node.value === 'string') return work.expanded(node.value) === next;
  // A number that is taken as the text it is written as.
  return typeof node.value === 'number' && node.type === 'PLAIN' && node.source === next;
}

/** The value of a node, with aliases and merged maps resolved and references filled in. */
function meantBy(node: unknown, work: Reconciling): unknown {
  const value: unknown = isNode(node) ? node.toJS(work.document) : node;
  return expandedIn(value, work.expanded);
}

export function expandedIn(value: unknown, expanded: (text: string) => string): unknown {
  if (typeof value === 'string') return expanded(value);
  if (Array.isArray(value)) return value.map((entry) => expandedIn(entry, expanded));
  if (!isGroup(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, expandedIn(member, expanded)]),
  );
}

function same(one: unknown, other: unknown): boolean {
  return Bun.deepEquals(one, other);
}

/** Whether a node can be changed in its parts; false where it must be written anew as a whole. Adds what changes. */
export function reconcile(node: unknown, next: unknown, work: Reconciling): boolean {
  if (isAlias(node)) return same(meantBy(node, work), expandedIn(next, work.expanded));
  if (isMap(node) && isGroup(next)) return reconcileMap(node, next, work);
  if (isSeq(node) && Array.isArray(next)) return reconcileList(node, next, work);
  return sameScalar(node, next, work);
}

// ---- maps

function reconcileMap(map: YAMLMap, next: Record<string, unknown>, work: Reconciling): boolean {
  const pairs: Pair[] = map.items;
  const merges = pairs.filter((pair) => nameOf(pair) === '<<');
  const own = pairs.filter((pair) => nameOf(pair) !== '<<');
  const wanted = new Map(Object.entries(next).filter(([, value]) => value !== undefined));
  const names = new Set(own.map(nameOf));
  let added = [...wanted].filter(([name]) => !names.has(name));
  const gone = own.filter((pair) => !wanted.has(nameOf(pair)));
  if (merges.length > 0) {
    const whole = meantBy(map, work);
    const merged = new Map(Object.entries(isGroup(whole) ? whole : {}));
    // What comes from a merged map cannot be left out of it here.
    if (gone.length > 0 || [...merged.keys()].some((name) => !wanted.has(name))) return false;
    added = added.filter(([name, value]) => !same(merged.get(name), expandedIn(value, work.expanded)));
  }
  const kept = own.filter((pair) => wanted.has(nameOf(pair)));
  if (kept.length === 0 && merges.length === 0) return own.length === 0 && added.length === 0;
  const untouched = map === work.document.contents ? work.untouched : undefined;
  for (const pair of kept.filter((one) => untouched?.has(nameOf(one)) !== true))
    reconcilePair(pair, wanted.get(nameOf(pair)), map.flow === true, columnOf(map) ?? 0, work);
  if (map.flow === true)
    return changeFlow(
      map,
      kept,
      gone.length,
      added.map(([name, value]) => `${renderedInFlow(name)}: ${renderedInFlow(value)}`),
      work,
    );
  removePairs(pairs, new Set(gone), work);
  const last = [...pairs].reverse().find((pair) => !gone.includes(pair));
  if (last !== undefined) insertPairs(added, endOfPair(last), columnOf(map) ?? 0, work);
  return true;
}

function reconcilePair(pair: Pair, next: unknown, flow: boolean, column: number, work: Reconciling): void {
  const before = work.splices.length;
  if (reconcile(pair.value, next, work)) return;
  work.splices.length = before;
  const colon = afterColon(pair);
  if (colon === undefined) {
    // `key` or `? key` alone.
    const end = endOf(pair.key);
    work.splices.push({
      from: end,
      to: end,
      text: flow ? `: ${renderedInFlow(next)}` : `: ${renderedScalar(next)}`,
    });
    return;
  }
  replaceValue({ node: pair.value, next, from: colon, flow, column, work });
}

// ---- lists

function reconcileList(list: YAMLSeq, next: readonly unknown[], work: Reconciling): boolean {
  const items: unknown[] = list.items;
  const before = items.map((item) => meantBy(item, work));
  const places = matched(
    before,
    next.map((entry) => expandedIn(entry, work.expanded)),
  );
  const kept = places.filter((place) => place !== undefined);
  if (kept.length === 0) return items.length === 0 && next.length === 0;
  const inOrder = kept.every((place, at) => at === 0 || place > (kept[at - 1] ?? 0));
  if (list.flow === true) {
    if (!inOrder) return false;
    return reconcileFlowList(list, next, places, work);
  }
  const column = columnOf(list);
  const dashes = dashesOf(list);
  if (
    column === undefined ||
    dashes.length !== items.length ||
    dashes.some((dash) => !opensLine(work.text, dash))
  )
    return false;
  const entries = items.map((node, index) => ({ node, dash: dashes[index] ?? 0 }));
  return inOrder
    ? changeInOrder(entries, next, places, column, work)
    : changeWithMoves(entries, next, places, column, work);
}

interface Entry {
  node: unknown;
  dash: number;
}

function reconcileEntry({ node, dash }: Entry, next: unknown, column: number, work: Reconciling): void {
  const before = work.splices.length;
  if (reconcile(node, next, work)) return;
  work.splices.length = before;
  if (needsBlock(next)) {
    const to = endOfEntry({ node, dash });
    const ended = work.text[to - 1] === '\n' ? breakOf(work.text) : '';
    const block = renderedBlock(next, column + 2, breakOf(work.text));
    work.splices.push({ from: dash + 1, to, text: ` ${block}${ended}` });
  } else replaceValue({ node, next, from: dash + 1, flow: false, column, work });
}

function endOfEntry({ node, dash }: Entry): number {
  return Math.max(dash + 1, isEmpty(node) ? 0 : endOf(node));
}

/** Makes a list of entries the next one; `places`: which entry each of those was. False where that cannot be written. */
type ListChange = (
  entries: readonly Entry[],
  next: readonly unknown[],
  places: readonly (number | undefined)[],
  column: number,
  work: Reconciling,
) => boolean;

const changeInOrder: ListChange = (entries, next, places, column, work) => {
  const { text, splices } = work;
  const kept = new Set(places);
  entries.forEach((entry, index) => {
    if (kept.has(index)) return;
    const from = index === 0 ? lineStart(text, entry.dash) : commentStart(text, entry.dash);
    splices.push({ from, to: nextLine(text, endOfEntry(entry)), text: '' });
  });
  const lineBreak = breakOf(text);
  let last: Entry | undefined;
  next.forEach((value, at) => {
    const entry = entries[places[at] ?? -1];
    if (entry !== undefined) {
      reconcileEntry(entry, value, column, work);
      last = entry;
      return;
    }
    const lines = `${' '.repeat(column)}${renderedBlock([value], column, lineBreak)}`;
    if (last !== undefined) insertLines(lines, endOfEntry(last), work);
    else {
      const start = lineStart(
        text,
        entries[Math.min(...kept.values().filter((place) => place !== undefined))]?.dash ?? 0,
      );
      splices.push({ from: start, to: start, text: `${lines}${lineBreak}` });
    }
  });
  return true;
};

/** Entries with the text between them, in another order. */
const changeWithMoves: ListChange = (entries, next, places, column, work) => {
  const { text } = work;
  const lineBreak = breakOf(text);
  const starts = entries.map(({ dash }, index) =>
    index === 0 ? lineStart(text, dash) : commentStart(text, dash),
  );
  const last = entries.at(-1);
  const end = last === undefined ? 0 : nextLine(text, endOfEntry(last));
  const pieces = next.map((value, at) => {
    const place = places[at];
    const entry = place === undefined ? undefined : entries[place];
    if (place === undefined || entry === undefined)
      return `${' '.repeat(column)}${renderedBlock([value], column, lineBreak)}${lineBreak}`;
    const inner: Reconciling = { ...work, splices: [] };
    reconcileEntry(entry, value, column, inner);
    const piece = spliced(text, inner.splices, starts[place] ?? 0, starts[place + 1] ?? end);
    return piece.endsWith('\n') ? piece : `${piece}${lineBreak}`;
  });
  const made = pieces.join('');
  const from = starts[0] ?? 0;
  const open = text[end - 1] !== '\n';
  work.splices.push({ from, to: end, text: open ? made.slice(0, -lineBreak.length) : made });
  return true;
};

function reconcileFlowList(
  list: YAMLSeq,
  next: readonly unknown[],
  places: readonly (number | undefined)[],
  work: Reconciling,
): boolean {
  const kept: unknown[] = [];
  const added: string[] = [];
  for (const [at, value] of next.entries()) {
    const place = places[at];
    if (place === undefined) {
      added.push(renderedInFlow(value));
      continue;
    }
    // Something new before something that stays.
    if (added.length > 0) return false;
    const node: unknown = list.items[place];
    kept.push(node);
    const before = work.splices.length;
    if (reconcile(node, value, work)) continue;
    work.splices.length = before;
    if (!isNode(node) || !node.range) return false;
    work.splices.push({ from: node.range[0], to: node.range[1], text: renderedInFlow(value) });
  }
  return changeFlow(list, kept, list.items.length - kept.length, added, work);
}

// ---- brackets

/** Takes members out of brackets, or adds some at their end. */
function changeFlow(
  collection: YAMLMap | YAMLSeq,
  kept: readonly unknown[],
  gone: number,
  added: readonly string[],
  work: Reconciling,
): boolean {
  if (gone === 0 && added.length === 0) return true;
  const [from, to] = collection.range ?? [0, 0];
  const spans = kept.map(spanOf);
  if (gone === 0) {
    const end = spans.at(-1)?.[1];
    if (end === undefined) return false;
    work.splices.push({ from: end, to: end, text: added.map((member) => `, ${member}`).join('') });
    return true;
  }
  const inside = work.splices.filter((splice) => splice.from >= from && splice.to <= to);
  work.splices.splice(0, work.splices.length, ...work.splices.filter((splice) => !inside.includes(splice)));
  const members = spans.map(([start, end]) =>
    spliced(
      work.text,
      inside.filter((splice) => splice.from >= start && splice.to <= end),
      start,
      end,
    ),
  );
  const [open, close] = isMap(collection) ? ['{', '}'] : ['[', ']'];
  work.splices.push({ from, to, text: `${open}${[...members, ...added].join(', ')}${close}` });
  return true;
}

function spanOf(member: unknown): [number, number] {
  if (isNode(member)) return [member.range?.[0] ?? 0, member.range?.[1] ?? 0];
  return isPairLike(member) ? [startOfPair(member), endOfPair(member)] : [0, 0];
}

function isPairLike(member: unknown): member is Pair {
  return typeof member === 'object' && member !== null && 'key' in member;
}
