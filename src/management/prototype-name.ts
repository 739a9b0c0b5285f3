/** A name that every object has by itself: no configuration uses it, and a value under it would be lost. */
export const prototype = '__proto__';

/** Whether a value from outside has a member of that name. It is no deeper than the stack. */
export function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, prototype) || Object.values(value).some(namesPrototype);
}
