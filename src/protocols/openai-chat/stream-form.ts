/** What the bytes of this protocol's streams look like. */
import type { StreamForm } from '../stream-form.ts';

/** Longer ones say something, or are not worth looking at. */
const longestAnnouncement = 2048;
const emptyDelta =
  /"delta"\s*:\s*\{\s*(?:(?:"role"\s*:\s*"assistant"|"\w+"\s*:\s*(?:""|null|\[\s*\]))\s*(?:,\s*)?)*\}/;
/** Azure's first chunk, which says what its filter found in the prompt. */
const noChoice = /"choices"\s*:\s*\[\s*\]/;
const saying = /"(?:finish_reason"\s*:\s*"|usage"\s*:\s*\{)/;

export const streamForm: StreamForm = {
  // A comment: WHATWG HTML §9.2.6.
  keepAlive: ': keep-alive\n\n',
  // Servers say the role before their model has said a word: what fails, fails behind it.
  announces: (data) =>
    data.length <= longestAnnouncement &&
    (emptyDelta.test(data) || noChoice.test(data)) &&
    !saying.test(data),
  // A chunk may hold an error beside its other fields.
  errorData: /"error"\s*:\s*\{|^\{\s*"error"\s*:\s*"/,
  finishes: /"finish_reason"\s*:\s*["\d]/,
  complete: /^data:\s*\[DONE\]|"finish_reason"\s*:\s*"(?!error")/m,
  failed: /"error"\s*:\s*\{|^event:\s*error\s*$|^data:\s*\{\s*"error"\s*:\s*"/m,
  answerMember: 'choices',
};
