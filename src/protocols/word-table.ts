/**
 * What a table has for a word; undefined where it has no row of that name. Words from outside may be `constructor` or
 * `__proto__`: what all objects inherit is in no table.
 */
export function lookUp<T>(table: Readonly<Record<string, T>>, word: string | undefined): T | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}
