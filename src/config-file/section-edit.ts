/**
 * Changes of a few keys at the top of a file, made in the lines of these keys alone: to parse a file of a thousand
 * keys takes long, and a switch is one line of it.
 */
import type { Group } from '../config/group.ts';
import { YamlBoundError } from '../config/yielding-parse.ts';
import { madeYielding } from './edit-text.ts';
import { renderedBlock } from './rendering.ts';
import { breakOf } from './splices.ts';

/** The lines of a key at the top, from it to the last that is its own; comments behind that are the next one's. */
interface Section {
  from: number;
  to: number;
}

/**
 * The text with the contents `next`; undefined where that cannot be done key by key: anchors, and whatever is not plainly `key:` at the
 * beginning of a line. `contents`: the contents of the text. The caller verifies that the result has the contents `next`.
 */
export async function sectionsEdited(
  text: string,
  contents: Group,
  next: Group,
  expanded: (text: string) => string,
): Promise<string | undefined> {
  const isPresent = (key: string): boolean => Object.hasOwn(contents, key);
  const wanted = Object.keys(next).filter((key) => next[key] !== undefined);
  const sections = sectionsOf(text);
  const last = [...(sections?.values() ?? [])].at(-1);
  if (sections === undefined || last === undefined) return undefined;
  const pieces: (Section & { text: string })[] = [];
  const gone = Object.keys(contents).filter((key) => !wanted.includes(key));
  // The last of all stays in place: new keys come after it.
  if (gone.some((key) => sections.get(key) === undefined || sections.get(key) === last)) return undefined;
  for (const section of gone.flatMap((key) => sections.get(key) ?? [])) pieces.push({ ...section, text: '' });
  for (const key of wanted.filter((one) => isPresent(one) && next[one] !== contents[one])) {
    const section = sections.get(key);
    if (section === undefined) return undefined;
    const own = text.slice(section.from, section.to);
    let isOwn = false;
    const change = (says: Group): Group => {
      // The proof that these lines are all that the key has.
      isOwn = Bun.deepEquals(says, { [key]: contents[key] });
      return { [key]: next[key] };
    };
    const made = await madeYielding(own, change, expanded).catch((error: unknown) => {
      if (error instanceof YamlBoundError) return undefined;
      throw error;
    });
    if (made?.ok !== true || !isOwn) return undefined;
    pieces.push({ ...section, text: made.text });
  }
  const lineBreak = breakOf(text);
  const added = wanted
    .filter((key) => !isPresent(key))
    .map((key) => `${renderedBlock({ [key]: next[key] }, 0, lineBreak)}${lineBreak}`);
  if (added.length > 0) {
    if (text[last.to - 1] !== '\n') return undefined;
    pieces.unshift({ from: last.to, to: last.to, text: added.join('') });
  }
  let result = text;
  for (const piece of pieces.sort((one, other) => other.from - one.from))
    result = result.slice(0, piece.from) + piece.text + result.slice(piece.to);
  return result;
}

/** Anchors and aliases tie lines to others far away; a text that only looks as if it had some is parsed as a whole, too. */
const tied = /(?:^|[\s[{,])[&*][^\s"',]/m;

/** By key; undefined for a text whose lines do not show what they belong to. */
function sectionsOf(text: string): ReadonlyMap<string, Section> | undefined {
  if (tied.test(text)) return undefined;
  const sections = new Map<string, Section>();
  let open: Section | undefined;
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end + 1;
    const key = /^([A-Za-z][\w-]*):(?=\s|$)/.exec(text.slice(from, Math.min(to, from + longestKey)))?.[1];
    const first = text[from] ?? '';
    if (key !== undefined) {
      if (sections.has(key)) return undefined;
      open = { from, to };
      sections.set(key, open);
    } else if (first === ' ' || first === '-') {
      if (open === undefined) return undefined;
      // A list may have the column of its key, but not the mark that begins a document.
      if (text.startsWith('---', from)) return undefined;
      if (/^\s*[^\s#]/.test(text.slice(from, to))) open.to = to;
    } else if (!['#', '\n', '\r'].includes(first)) return undefined;
    from = to;
  }
  return sections;
}

/** Characters of a key at the top, with its colon and what is behind it. */
const longestKey = 100;
