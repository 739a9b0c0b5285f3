/** Texts that are found again in whatever form somebody has written them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A text of its own for each kind, its core of letters and digits, with signs around it that most forms write otherwise. */
export function canary(kind: string): string {
  return `sk-"<&>/+${coreOf(kind)}`;
}

/** The same where no sign but a hyphen may stand. */
export function plainCanary(kind: string): string {
  return `canary-${coreOf(kind)}`;
}

function coreOf(kind: string): string {
  return `${kind}Z${new Bun.CryptoHasher('sha256').update(kind).digest('hex').slice(0, 20)}`;
}

/** Ways to write a core in which nothing of it stands as it is. */
function formsOf(core: string): string[] {
  const bytes = Buffer.from(core);
  const each = (write: (hex: string) => string): string =>
    [...bytes].map((byte) => write(byte.toString(16).padStart(2, '0'))).join('');
  // Three bytes are four letters: a text begins at one of three places of them, and its first and last letters depend on its neighbours.
  const inBase64 = ['', 'x', 'xx'].map((before) =>
    Buffer.from(before + core)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before.length === 0 ? 0 : before.length + 1, -2),
  );
  return [
    core.toLowerCase(),
    ...inBase64,
    ...[
      each((hex) => hex),
      each((hex) => `%${hex}`),
      each((hex) => `\\u00${hex}`),
      each((hex) => `\\x${hex}`),
    ].map((form) => form.toLowerCase()),
    ...[each((hex) => `&#x${hex};`), [...bytes].map((byte) => `&#${byte};`).join('')],
    [...core].reverse().join('').toLowerCase(),
  ];
}

/** Which of these kinds a text has in it, in whatever form. */
export function canariesIn(text: string, kinds: readonly string[]): string[] {
  const folded = text.toLowerCase();
  return kinds.filter((kind) =>
    formsOf(coreOf(kind)).some((form, at) => (at >= 1 && at <= 3 ? text : folded).includes(form)),
  );
}

/** The contents of all files below a directory, one byte a character, by their paths in it. */
export function filesBelow(directory: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    // What the runtime keeps of the sources that it has read.
    if (name.startsWith('.bun/')) continue;
    const path = join(directory, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile())
      files.set(relative(directory, path), readFileSync(path, 'latin1'));
  }
  return files;
}
