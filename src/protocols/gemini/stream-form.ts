/** What the bytes of this protocol's streams look like. */
import type { StreamForm } from '../stream-form.ts';

/** Longer ones say something, or are not worth looking at. */
const longestAnnouncement = 2048;
const saying = /"(?:parts|finish_?[rR]eason|block_?[rR]eason)"\s*:\s*(?!null|\[\s*\])[^\s]/;

export const streamForm: StreamForm = {
  // Many of Google's clients take a stream for broken that has anything in front of `data:`.
  keepAlive: undefined,
  // Counts, and a candidate without parts: Google says so before a model that thinks has said a word.
  announces: (data) => data.length <= longestAnnouncement && !saying.test(data),
  errorData: /^\{\s*"error"\s*:\s*[{"]/,
  finishes: /"finish_?[rR]eason"\s*:\s*["\d]/,
  complete: /"finishReason"\s*:|"finish_reason"\s*:|"blockReason"\s*:/,
  // Arguments of a call may have errors as members: only whole chunks count.
  failed: /^data:\s*\{\s*"error"\s*:\s*\{/m,
  answerMember: 'candidates',
};
