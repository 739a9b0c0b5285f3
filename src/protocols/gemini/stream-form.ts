/** What the bytes of this protocol's streams look like. */
import type { StreamForm } from '../stream-form.ts';

export const streamForm: StreamForm = {
  // Many of Google's clients take a stream for broken that has anything in front of `data:`.
  keepAlive: undefined,
  errorData: /^\{\s*"error"\s*:\s*[{"]/,
  finishes: /"finish_?[rR]eason"\s*:\s*["\d]/,
  complete: /"finishReason"\s*:|"finish_reason"\s*:|"blockReason"\s*:/,
  // Arguments of a call may have errors as members: only whole chunks count.
  failed: /^data:\s*\{\s*"error"\s*:\s*\{/m,
  answerMember: 'candidates',
};
