/** The parts of a model's name: the model, under all spellings of services, its line and its version. */

/** A name taken apart: `gpt-5.4-mini` is of the line `gpt`, version 5.4, and the variant `mini`. */
export interface NamedVersion {
  line: string;
  version: readonly [number, number];
  /** Empty where there is none. */
  variant: string;
}

/**
 * The name in the form that all ways of writing it share: without the path, region and maker that services put before it,
 * without what OpenRouter, Bedrock and Claude Code put behind it, in lower case, and with hyphens in versions
 * (`anthropic/claude-opus-4.7:beta`, `us.anthropic.claude-opus-4-7-v1:0` and `claude-opus-4-7[1m]` are `claude-opus-4-7`).
 */
export function plainName(name: string): string {
  return name
    .slice(name.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/^(?:[a-z-]+\.)+(?=[a-z])/, '')
    .replace(/\[\w+\]$/, '')
    .replace(/-v\d+:\d+$/, '')
    .replace(/:[a-z-]+$/, '')
    .replace(/(\d)\.(?=\d)/g, '$1-');
}

/** The suffix of a name of the same model: date or number of a snapshot, a stage, an effort. */
const endings = [
  /[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|\d{2}-20\d{2}|\d{4})$/,
  /-00\d$/,
  /-(?:latest|preview|exp|thinking|high|medium|low|customtools)$/,
];

/** More than these no name has. */
const mostEndings = 6;

/** The names that the model may have in a table, the most exact one first. */
export function possibleNames(name: string): string[] {
  let shorter = plainName(name);
  const found = [shorter];
  // Each ending by itself: `gemini-embedding-001-20260101` is `gemini-embedding-001` before it is `gemini-embedding`.
  for (let left = mostEndings; left > 0; left -= 1) {
    const ending = endings.find((candidate) => candidate.test(shorter));
    if (ending === undefined) break;
    shorter = shorter.replace(ending, '');
    found.push(shorter);
  }
  // OpenRouter's and older names of Claude: `claude-4.7-opus`.
  return found.flatMap((text) => {
    const turned = text.replace(/^claude-(\d+(?:-\d)?)-([a-z]+)/, 'claude-$2-$1');
    return turned === text ? [text] : [text, turned];
  });
}

/** The parts of a {@link plainName}; undefined where it has no version. */
export function namedVersion(plain: string): NamedVersion | undefined {
  const parts = /^([a-z]+(?:-[a-z]+)*?)-?([a-z]?)(\d{1,2})(?:-(\d{1,2}))?(?:-([a-z0-9].*))?$/.exec(plain);
  if (parts === null) return undefined;
  const [, stem = '', letter = '', major, minor = '0', variant = ''] = parts;
  // Grok counts in tenths: 4.20 came before 4.3.
  const later = stem === 'grok' && minor.endsWith('0') ? minor.slice(0, 1) : minor;
  return {
    line: letter === '' || stem === '' ? `${stem}${letter}` : `${stem}-${letter}`,
    version: [Number(major), Number(later)],
    variant,
  };
}

/** Negative where `left` is older. */
export function compareVersions(left: readonly [number, number], right: readonly [number, number]): number {
  return left[0] - right[0] || left[1] - right[1];
}
