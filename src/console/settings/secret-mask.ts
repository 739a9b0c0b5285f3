/**
 * The configuration's text for a browser: every secret has a placeholder, and what is written back has the secrets in their
 * places again. A placeholder is valid for the text that has the secret, and shows only its ends.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml';
import { beginsAsKey, looksSecret } from '../../config/problem.ts';
import { parsedYielding, YamlBoundError } from '../../config/yielding-parse.ts';
import { maskedKey } from '../../management/masked-text.ts';

export interface SecretMask {
  /** The text with placeholders, on the same lines. */
  masked(text: string): Promise<string>;
  /** The text with the secrets that `held` has; and the lines, from 1, whose placeholders match no secret in it. */
  unmasked(text: string, held: string): Promise<{ text: string; unknown: number[] }>;
}

/**
 * Names whose values are secret, in every layout of the file and in those of other programs. A `url` alone is where alerts go: who
 * knows the address of such a hook can write to it.
 */
const secretName =
  /(^|[-_.])(key|keys|secret|token|password|passwd|authorization|cookie|credential|webhook|webhook[-_]url)$|^url$/i;
/** `name: ` anywhere in a line. */
const pair = /["']?([\w.-]+)["']?\s*:\s+(?=\S)/g;
/** Shorter words of a text that cannot be read are no secrets. */
const shortestAlone = 6;
const standIn = /•••[\w…-]*•[0-9a-f]{12}/g;
const parsing = { keepSourceTokens: true, merge: true, prettyErrors: false, logLevel: 'silent' } as const;

interface Found {
  from: number;
  to: number;
}

/** `hmacKey` is secret: placeholders do not help to guess secrets. */
export function createSecretMask(hmacKey: Uint8Array = randomBytes(32)): SecretMask {
  function standInFor(secret: string): string {
    const digest = createHmac('sha256', hmacKey).update(secret).digest('hex').slice(0, 12);
    return `•••${maskedKey(secret).replace(/[^\w…-]/g, '')}•${digest}`;
  }

  async function secretsOf(text: string): Promise<Found[]> {
    const values = await secretValues(text);
    const known = new Set((values ?? []).map(({ from, to }) => text.slice(from, to)));
    const rest = secretLines(text, known, values === undefined);
    return withoutOverlaps([...(values ?? []), ...rest]);
  }

  return {
    async masked(text) {
      let masked = '';
      let at = 0;
      for (const { from, to } of await secretsOf(text)) {
        masked += text.slice(at, from) + standInFor(text.slice(from, to));
        at = to;
      }
      return masked + text.slice(at);
    },
    async unmasked(text, held) {
      if (!text.includes('•••')) return { text, unknown: [] };
      const secrets = new Map(
        (await secretsOf(held)).map(({ from, to }) => {
          const secret = held.slice(from, to);
          return [standInFor(secret), secret];
        }),
      );
      const whole = text.replace(standIn, (found) => secrets.get(found) ?? found);
      const unknown = whole.split('\n').flatMap((line, at) => (line.includes('•••') ? [at + 1] : []));
      return { text: whole, unknown };
    },
  };
}

/** The positions of the secret values of a text, without their quotes; undefined for text that is not YAML. */
async function secretValues(text: string): Promise<Found[] | undefined> {
  const found: Found[] = [];
  const look = (node: unknown, names: readonly string[]): void => {
    if (isMap(node))
      for (const { key, value } of node.items)
        look(value, [...names, isScalar(key) ? String(key.value) : '']);
    else if (isSeq(node)) for (const item of node.items) look(item, names);
    else if (isScalar(node) && isSecret(node, names)) found.push(...placesOf(node, text));
  };
  try {
    const document = await parsedYielding(text, parsing);
    if (document.errors.length > 0) return undefined;
    look(document.contents, []);
    return found;
  } catch (error) {
    if (error instanceof YamlBoundError) return undefined;
    throw error;
  }
}

/** `names`: the keys on the way to the value; places in lists have none. */
function isSecret({ value }: Scalar, names: readonly string[]): boolean {
  if (typeof value === 'number') return secretName.test(names.at(-1) ?? '');
  if (typeof value !== 'string' || value === '' || isReference(value)) return false;
  const name = names.at(-1) ?? '';
  const isFile = name === 'key' && names.at(-2) === 'tls';
  const isHeader = names.some((one) => one.toLowerCase().endsWith('headers'));
  return (!isFile && (secretName.test(name) || isHeader)) || givesItselfAway(value);
}

/** Values that name the place of a secret, and are none themselves. */
function isReference(value: string): boolean {
  return /^\$\{[^}]*\}$/.test(value) || /^(file|keychain):/.test(value);
}

/** Beginnings of keys that providers hand out, and addresses with a password or a key in them. */
function givesItselfAway(value: string): boolean {
  if (/^\w+:\/\/[^/\s]*@/.test(value) || /[?&](api[-_]?key|key|token|secret)=/i.test(value)) return true;
  // Long names of models have letters and digits, too, with hyphens between them.
  return looksSecret(value) && (beginsAsKey(value) || !/-.*-/.test(value));
}

/** The value itself; of several lines, each of them, so that all stay where they are. */
function placesOf(node: Node, text: string): Found[] {
  const [start = 0, end = 0] = node.range ?? [];
  const source = text.slice(start, end);
  if (/^["']/.test(source)) return linesOf(text, start + 1, end - 1);
  return /^[|>]/.test(source)
    ? linesOf(text, start + source.indexOf('\n') + 1, end)
    : linesOf(text, start, end);
}

function linesOf(text: string, start: number, end: number): Found[] {
  const found: Found[] = [];
  let at = start;
  for (const line of text.slice(start, end).split('\n')) {
    const lead = line.length - line.trimStart().length;
    const body = line.trim();
    if (body !== '') found.push({ from: at + lead, to: at + lead + body.length });
    at += line.length + 1;
  }
  return found;
}

/**
 * Secrets in comments; in a text that is no YAML, those of all its lines. `known` are secrets from elsewhere in it.
 */
function secretLines(text: string, known: ReadonlySet<string>, everywhere: boolean): Found[] {
  const found: Found[] = [];
  let at = 0;
  let list = '';
  for (const line of text.split('\n')) {
    const hash = /(^|\s)#/.exec(line);
    const begin = everywhere ? 0 : hash === null ? line.length : hash.index;
    const part = line.slice(begin);
    const opened = /^[\s#-]*["']?([\w.-]+)["']?\s*:\s*$/.exec(line)?.[1];
    if (opened !== undefined) list = opened;
    else if (!/^[\s#]*-/.test(line) && line.trim() !== '' && /:\s/.test(line)) list = '';
    const lead = /^[\s#]*-?\s*/.exec(part)?.[0].length ?? 0;
    const pairs = [...part.matchAll(pair)].map(({ 0: start, 1: name = '', index }) => ({
      from: index + start.length,
      name,
    }));
    for (const { 0: word, index } of part.matchAll(/[^\s"'#,[\]{}]+/g)) {
      const name = pairs.findLast(({ from }) => from <= index)?.name ?? (index === lead ? list : '');
      const isValue = secretName.test(name) && word.length >= shortestAlone && !isReference(word);
      if (known.has(word) || isValue || givesItselfAway(word))
        found.push({ from: at + begin + index, to: at + begin + index + word.length });
    }
    at += line.length + 1;
  }
  return found;
}

function withoutOverlaps(found: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const one of found.toSorted((a, b) => a.from - b.from || b.to - a.to))
    if (one.from >= (kept.at(-1)?.to ?? 0) && one.to > one.from) kept.push(one);
  return kept;
}
