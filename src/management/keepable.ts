/** What a configuration can keep of JSON: names of keys that people could write, and numbers as they are written. */

/** Characters of the longest name of a key: models have long ones. */
const longestName = 256;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Whether a text can be the name of a key. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.length <= longestName && !control.test(name);
}

/** Whether all keys in a value have names that can be one. It is no deeper than the stack. */
export function hasKeyNames(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(hasKeyNames);
  return Object.entries(value).every(([name, member]) => isKeyName(name) && hasKeyNames(member));
}

/** What a number that JavaScript may not keep has in its text: sixteen digits, or an exponent. */
const suspect = /\d{16}|\d[eE]\+?\d/;

/** Whether a JSON text, which was read as `value`, has a number that is another one then: `1e999`, whole numbers beyond 2^53. */
export function losesNumbers(text: string, value: unknown): boolean {
  return suspect.test(text) && holdsLost(value);
}

function holdsLost(value: unknown): boolean {
  if (typeof value === 'number')
    return !Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value));
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsLost);
}
