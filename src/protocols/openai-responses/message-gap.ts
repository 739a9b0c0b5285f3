/** What keeps the messages of one answer apart where its client has one text for all of them. */
import type { Citation, Part } from '../model.ts';
import type { Request } from '../request.ts';
import { isJoined, itemOf, ownOf } from './kept-fields.ts';

/** Between the texts of two messages. */
export const messageGap = '\n\n';

/** Whether the client reads all texts of an answer as one; Claude's clients have a block for each. */
export function joinsMessages(request: Request): boolean {
  return ownOf(request.extra) === undefined && request.extra?.protocol !== 'anthropic-messages';
}

/** The citation in a text that the gap has moved. */
export function movedCitation(citation: Citation): Citation {
  const { start, end } = citation;
  return {
    ...citation,
    ...(start !== undefined && { start: start + messageGap.length }),
    ...(end !== undefined && { end: end + messageGap.length }),
  };
}

/** The parts of a whole answer, with a gap before each message but the first. */
export function apart(parts: readonly Part[], request: Request): Part[] {
  if (!joinsMessages(request)) return [...parts];
  let said = false;
  return parts.map((part) => {
    if (part.type !== 'text' || part.text === '') return part;
    const begins = said && itemOf(part.extra) !== undefined && !isJoined(part.extra);
    said = true;
    if (!begins) return part;
    const citations = part.citations?.map(movedCitation);
    return { ...part, text: messageGap + part.text, ...(citations && { citations }) };
  });
}
