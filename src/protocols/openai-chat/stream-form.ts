/** What the bytes of this protocol's streams look like. */
import type { StreamForm } from '../stream-form.ts';

export const streamForm: StreamForm = {
  // A comment: WHATWG HTML §9.2.6.
  keepAlive: ': keep-alive\n\n',
  // A chunk may hold an error beside its other fields.
  errorWithin: /"error"\s*:\s*\{/,
  complete: /^data:\s*\[DONE\]|"finish_reason"\s*:\s*"(?!error")/m,
  failed: /"error"\s*:\s*\{|^event:\s*error\s*$|^data:\s*\{\s*"error"\s*:\s*"/m,
};
