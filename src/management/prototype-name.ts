/** No key of any configuration: objects have it by themselves, and what stands under it would be lost on the way. */
export const prototype = '__proto__';

/** Whether a value from outside has a member of that name. It is no deeper than the stack. */
export function namesPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, prototype) || Object.values(value).some(namesPrototype);
}
