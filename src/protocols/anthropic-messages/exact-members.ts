/** The members whose values go on as they are written: other protocols have calls' inputs as text. */
export const exactMembers: ReadonlySet<string> = new Set(['input']);
