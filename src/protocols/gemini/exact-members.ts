/** The members whose values go on as they are written: other protocols have calls' arguments, and results, as text. */
export const exactMembers: ReadonlySet<string> = new Set(['args', 'response']);
