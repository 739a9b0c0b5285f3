/** Documents that are plain text, for upstreams that take few kinds of files: every model reads text as text. */
import { fromBase64 } from './base64.ts';
import type { LossReport } from './codec.ts';
import { isTextType } from './media-types.ts';
import type { FilePart, Message, Part, ToolResultPart } from './model.ts';

type Content = ToolResultPart['content'][number];

/** The messages with text in place of documents that hold nothing else, tool results included; their pictures follow the text. */
export function withTextDocuments(messages: readonly Message[], report: LossReport): Message[] {
  const read = (part: FilePart): Content[] => textParts(part, report) ?? [part];
  return messages.map((message) =>
    message.parts.some(holdsFile)
      ? {
          ...message,
          parts: message.parts.flatMap((part): Part[] =>
            part.type === 'file' ? read(part) : [inResult(part, read)],
          ),
        }
      : message,
  );
}

function holdsFile(part: Part): boolean {
  return part.type === 'file' || (part.type === 'tool-result' && part.content.some(holdsFile));
}

function inResult(part: Part, read: (part: FilePart) => Content[]): Part {
  if (part.type !== 'tool-result' || !holdsFile(part)) return part;
  return { ...part, content: part.content.flatMap((item) => (item.type === 'file' ? read(item) : [item])) };
}

function textParts(part: FilePart, report: LossReport): Content[] | undefined {
  const text = textIn(part);
  if (text === undefined) return undefined;
  if (part.citations) report('dropped', 'messages.file.citations', 'the upstream has no place for it');
  const whole = [headOf(part), text].filter((line) => line !== '').join('\n\n');
  const pictures = part.pictures ?? [];
  if (whole === '' && pictures.length > 0) return pictures;
  const cache = part.cache !== undefined && { cache: part.cache };
  return [{ type: 'text', text: whole, ...cache }, ...pictures];
}

function textIn({ source }: FilePart): string | undefined {
  if (source.kind === 'text') return source.text;
  return source.kind === 'base64' && isTextType(source.mediaType) ? fromBase64(source.data) : undefined;
}

/** The members of the document beside its text: name, source and subject. */
function headOf({ name, origin, context }: FilePart): string {
  const named =
    name === undefined || name === origin ? origin : origin === undefined ? name : `${name} (${origin})`;
  return [named, context].filter((line) => line !== undefined && line !== '').join('\n');
}
