/** Which requests a question is about, by names that people write. */
import { openaiCompatible } from '../providers/openai.ts';
import { apiNames } from '../providers/registry.ts';
import { sessionOfText } from './digest.ts';
import { type KnownName, type NameKind, nameKinds } from './names.ts';

/** Each by its id or its name; a model also by what clients call it, a named service also by its kind. */
export interface Filter {
  key?: string | undefined;
  credential?: string | undefined;
  provider?: string | undefined;
  model?: string | undefined;
  session?: string | undefined;
}

export interface FilterClauses {
  /** Begins with ` AND`; empty without a filter. */
  sql: string;
  values: number[];
}

/** Undefined where a name is asked for that no request ever had: then there is nothing. `asked`: rows that have such a column. */
export function filterClauses(
  filter: Filter,
  names: ReadonlyMap<number, KnownName>,
  asked = false,
): FilterClauses | undefined {
  const clauses: string[] = [];
  const values: number[] = [];
  const idsOf = (kind: NameKind, name: string): number[] =>
    [...names]
      .filter(
        ([, known]) =>
          known.kind === nameKinds[kind] &&
          (known.name === name ||
            known.label === name ||
            (kind === 'provider' && isOfKind(known.name, name))),
      )
      .map(([id]) => id);
  const marks = (ids: readonly number[]): string => ids.map(() => '?').join(', ');
  for (const kind of ['key', 'credential', 'provider'] as const) {
    const wanted = filter[kind];
    if (wanted === undefined) continue;
    const ids = idsOf(kind, wanted);
    if (ids.length === 0) return undefined;
    clauses.push(` AND ${kind} IN (${marks(ids)})`);
    values.push(...ids);
  }
  if (filter.model !== undefined) {
    const served = idsOf('model', filter.model);
    const called = asked ? [...idsOf('asked', filter.model), ...idsOf('unknown', filter.model)] : [];
    if (served.length + called.length === 0) return undefined;
    clauses.push(
      asked
        ? ` AND (model IN (${marks(served)}) OR asked IN (${marks(called)}))`
        : ` AND model IN (${marks(served)})`,
    );
    values.push(...served, ...called);
  }
  if (filter.session !== undefined) {
    const session = sessionOfText(filter.session);
    if (session === undefined) return undefined;
    clauses.push(' AND session = ?');
    values.push(session);
  }
  return { sql: clauses.join(''), values };
}

/** Services that the owner has named are of the kind that has no other names. */
function isOfKind(name: string, kind: string): boolean {
  return kind === openaiCompatible.name && !apiNames.includes(name);
}
