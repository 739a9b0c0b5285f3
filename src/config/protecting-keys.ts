/** Where a key that nothing reads would protect less than its owner believes: there it is no warning, but a problem. */
import type { ConfigProblem, ConfigWarning, PathSegment } from './problem.ts';
import { shownPath } from './problem.ts';
import type { ClientKey } from './schema.ts';
import type { YamlDocument } from './yaml-document.ts';

/** Words that switch off, limit or close, in any place; in kebab case, so that `rateLimits` is one of them. */
const protecting =
  /^((is-)?(disabled?|enabled?|active|paused|revoked|blocked)|expir(y|es?|ed|ation)(-(at|on|date))?|valid-(until|to)|(rate-|usage-|token-|request-)?limits?|budgets?|[rt]p[mhd]|((max|most)-)?(requests|tokens|cost|spend|usd)(-per-.*|-(daily|monthly))?|(max-)?concurren(cy|t)(-requests)?|(allow|deny|block)(ed|list)?(-.*)?|(ip|model|key|host|origin)s?-(allow|deny|block|white|black)-?list|(white|black)-?list(ed)?(-.*)?|(require-)?auth(-required|entication)?|client-ca(-file|s)?|(max|daily|monthly)-budget)$/;

/** Groups that contain only limits. */
const protectingGroups: readonly ((path: readonly PathSegment[]) => boolean)[] = [
  (path) => path[0] === 'api-keys',
  (path) => path.slice(0, -1).includes('budget'),
  (path) => path[0] === 'prices',
];

/** Whether a key that the schema does not have was meant to protect. */
export function protects(path: readonly PathSegment[]): boolean {
  return protectingGroups.some((isMember) => isMember(path)) || protecting.test(kebab(String(path.at(-1))));
}

/** Keys of a client key that limit nothing, or that it cannot be without. */
const harmless: ReadonlySet<string> = new Set(['name', 'note', 'key', 'api-key']);

/** Whether an empty value would mean no limit: the limits of client keys are our own keys, so no other program writes them empty. */
export function limitsNothing(path: readonly PathSegment[]): boolean {
  const name = path.at(-1);
  return path[0] === 'api-keys' && path.length > 2 && !harmless.has(String(name));
}

function kebab(word: string): string {
  return word
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[\s_.]+/g, '-')
    .toLowerCase();
}

/** A key that is written twice, once with other limits: which of the two applies would be unclear. */
export function doubledKeyProblems(
  keys: readonly ClientKey[],
  file: string,
  document: YamlDocument,
): ConfigProblem[] {
  const first = new Map<string, number>();
  return keys.flatMap((entry, index) => {
    const before = first.get(entry.key);
    first.set(entry.key, before ?? index);
    if (before === undefined || Bun.deepEquals(keys[before], entry)) return [];
    return [sameKey(index, `api-keys[${before}], with other settings`, file, document)];
  });
}

/** The same where nothing differs: it counts once, and removing one leaves the other. */
export function repeatedKeyWarnings(
  keys: readonly ClientKey[],
  file: string,
  document: YamlDocument,
): ConfigWarning[] {
  return keys.flatMap((entry, index) => {
    const before = keys.findIndex(({ key }) => key === entry.key);
    if (before === index) return [];
    return [sameKey(index, `api-keys[${before}], and counts once`, file, document)];
  });
}

function sameKey(index: number, other: string, file: string, document: YamlDocument): ConfigWarning {
  const path = ['api-keys', index];
  return {
    file,
    ...document.position(path, 'value'),
    key: shownPath(path),
    message: `is the same key as ${other}`,
    hint: 'keep one of the two entries',
  };
}
