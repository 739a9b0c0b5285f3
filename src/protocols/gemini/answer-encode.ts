import type { JsonObject } from '../json.ts';
import type { Part } from '../model.ts';
import { encodeCall, encodeMediaPart, withOwnFields } from './content-encode.ts';
import { ownForm, protocol } from './kept-fields.ts';
import { clientSignature } from './signatures.ts';

/** No losses are reported to clients: what cannot be written they did not ask for. */
const unreported = (): void => {};

/** The parts for a whole canonical part; none where the protocol has no place for it. */
export function encodeAnswerPart(part: Part): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [
        withOwnFields(
          { text: part.text, ...(part.signature && { thoughtSignature: clientSignature(part.signature) }) },
          part.extra,
        ),
      ];
    case 'reasoning': {
      if (part.text.length === 0 && part.signature === undefined && ownForm(part.extra) === undefined)
        return [];
      const signature = part.signature && clientSignature(part.signature, part.redacted);
      return [
        withOwnFields(
          {
            text: part.redacted ? '' : part.text,
            thought: true,
            ...(signature !== undefined && { thoughtSignature: signature }),
          },
          part.extra,
        ),
      ];
    }
    case 'refusal':
      return [{ text: part.text }];
    case 'tool-call': {
      const call = encodeCall(part, part.name);
      return [part.signature ? { ...call, thoughtSignature: clientSignature(part.signature) } : call];
    }
    case 'image': {
      const media = encodeMediaPart(part, unreported);
      if (media === undefined) return [];
      return [part.signature ? { ...media, thoughtSignature: clientSignature(part.signature) } : media];
    }
    case 'audio': {
      const media = encodeMediaPart(part, unreported);
      const transcript = part.transcript ? [{ text: part.transcript }] : [];
      const silent = part.source.kind === 'base64' && part.source.data.length === 0;
      return media === undefined || silent ? transcript : [media, ...transcript];
    }
    case 'video':
    case 'file': {
      const media = encodeMediaPart(part, unreported);
      return media === undefined ? [] : [media];
    }
    case 'native':
      return part.protocol === protocol ? [part.value] : [];
    case 'tool-result':
      return [];
  }
}

/** When the answer was made, from Unix seconds; nothing for a number that is no time. */
export function createTime(seconds: number | undefined): { createTime?: string } {
  const time = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(time.getTime()) ? {} : { createTime: time.toISOString() };
}
