/** What of an answer its client does not get, since the client's protocol has no place for it. */
import type { Response } from './answer.ts';
import type { LossReport } from './codec.ts';
import type { AudioPart, FilePart, ImagePart, Part, Source, VideoPart } from './model.ts';

/** A picture, a recording or a file in an answer. */
export type AnswerMedia = ImagePart | AudioPart | VideoPart | FilePart;

/** What answers of one protocol have a place for. */
export interface AnswerRoom {
  /** Whether clients get this, as it is or in words. */
  holds(media: AnswerMedia): boolean;
  /** Whether clients get the answers beside the first. */
  readonly severalAnswers: boolean;
}

/** Whether the bytes of media, or where they are, are known to others than their provider. */
export function isAtHand({ kind }: Source): boolean {
  return kind !== 'file-id';
}

/** Reports a part that the client does not get; `place` is that of its answer, from 0. */
export function reportLostPart(room: AnswerRoom, part: Part, place: number, report: LossReport): void {
  if (place > 0 && !room.severalAnswers) return;
  switch (part.type) {
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      if (!room.holds(part)) report('dropped', `answer.${part.type}`, 'answers of this protocol hold none');
      return;
    default:
  }
}

/** Reports an answer beside the first that the client does not get; `place` counts from 0. */
export function reportLostChoice({ severalAnswers }: AnswerRoom, place: number, report: LossReport): void {
  if (place > 0 && !severalAnswers)
    report('dropped', `answer.choices.${place}`, 'this protocol has one answer to a request');
}

/** Reports all that the client of a whole answer does not get. */
export function reportLost(room: AnswerRoom, response: Response, report: LossReport): void {
  const { others = [] } = response;
  others.forEach((_, at) => {
    reportLostChoice(room, at + 1, report);
  });
  [response, ...others].forEach(({ parts }, at) => {
    for (const part of parts) reportLostPart(room, part, at, report);
  });
}
