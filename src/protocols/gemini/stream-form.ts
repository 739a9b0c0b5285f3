/** What the bytes of this protocol's streams look like. */
import { endKindBy, type StreamForm } from '../stream-form.ts';

const errorData = /^\{\s*"error"\s*:\s*[{"]/;
const finishes = /"finish_?[rR]eason"\s*:\s*["\d]/;

/** Longer ones have content, or are not worth checking. */
const longestAnnouncement = 2048;
const saying = /"(?:parts|finish_?[rR]eason|block_?[rR]eason)"\s*:\s*(?!null|\[\s*\])[^\s]/;

/** Counts, and a candidate without parts: Google sends them before a model that thinks has written a word. */
function announces(data: string): boolean {
  return data.length <= longestAnnouncement && !saying.test(data);
}

export const streamForm: StreamForm = {
  // Many of Google's clients take a stream for broken that has anything in front of `data:`.
  keepAlive: undefined,
  firstEvent(_event, data) {
    if (errorData.test(data)) return 'error';
    if (finishes.test(data)) return 'finish';
    return announces(data) ? 'announcement' : 'content';
  },
  endKind: endKindBy({
    complete: /"finishReason"\s*:|"finish_reason"\s*:|"blockReason"\s*:/,
    // Arguments of a call may have errors as members: only whole chunks count.
    failed: /^data:\s*\{\s*"error"\s*:\s*\{/m,
  }),
  answerMember: 'candidates',
};
