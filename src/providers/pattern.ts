const compiled = new Map<string, RegExp>();

/** Whether a name fits a pattern in which `*` stands for any text. Letter case does not count. */
export function matchesPattern(name: string, pattern: string): boolean {
  if (!pattern.includes('*')) return name.toLowerCase() === pattern.toLowerCase();
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    const source = pattern.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    expression = new RegExp(`^${source.join('.*')}$`, 'i');
    compiled.set(pattern, expression);
  }
  return expression.test(name);
}
