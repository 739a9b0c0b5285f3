/** Files in a JSON body: base64 in the places where the protocols have files. Whatever else is long is text, and costs as much. */
import { openBrace, openBracket, quote } from '../protocols/ascii.ts';
import { type Span, valueEnd, walkElements, walkMembers } from '../protocols/json-span.ts';
import { isTextType } from '../protocols/media-types.ts';
import { namesOfAll } from '../protocols/registry.ts';

/** Longer strings in the places of base64 are files. */
export const longestText = 1024;

export interface Files {
  count: number;
  /** Of their base64. */
  bytes: number;
}

export const noFiles: Files = { count: 0, bytes: 0 };

const urlNames = namesOfAll(({ files }) => files.urls);
const bytesNames = namesOfAll(({ files }) => files.bytes);
const fileBytesNames = namesOfAll(({ files }) => files.fileBytes);
const typeNames = namesOfAll(({ files }) => files.types);
const freeNames = namesOfAll(({ files }) => files.free);
const freeObjectNames = namesOfAll(({ files }) => files.freeObjects);
/** No protocol has files deeper. */
const deepest = 32;
const longestName = 16;

/** What has been seen of an object that may be a file. */
interface Holder {
  type: string;
  mediaType: string;
  long: (Span & { name: string })[];
}

/** Reads the body once; what of it is no JSON holds no files. */
export function filesIn(body: Uint8Array): Files {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const files: Files = { count: 0, bytes: 0 };

  function walk(start: number, level: number): number {
    if (level > deepest) return valueEnd(buffer, start);
    if (buffer[start] === openBracket) return walkElements(buffer, start, (at) => walk(at, level + 1));
    if (buffer[start] !== openBrace) return valueEnd(buffer, start);
    const holder: Holder = { type: '', mediaType: '', long: [] };
    const end = walkMembers(buffer, start, (keyStart, keyEnd, at) => {
      const name = keyEnd - keyStart > longestName ? '' : buffer.toString('latin1', keyStart + 1, keyEnd - 1);
      if (buffer[at] !== quote) return isFree(name, buffer[at]) ? valueEnd(buffer, at) : walk(at, level + 1);
      const behind = valueEnd(buffer, at);
      if (behind - at > longestText) {
        if (urlNames.has(name)) holder.long.push({ name, start: at + 1, end: behind - 1 });
      } else if (name === 'type') holder.type = buffer.toString('latin1', at + 1, behind - 1);
      else if (typeNames.has(name)) holder.mediaType = buffer.toString('latin1', at + 1, behind - 1);
      return behind;
    });
    for (const span of holder.long)
      if (isFile(buffer, span, holder)) {
        files.count += 1;
        files.bytes += span.end - span.start;
      }
    return end;
  }

  walk(0, 0);
  return files;
}

/** Whether a member holds text for the model, whatever it looks like. */
function isFree(name: string, first: number | undefined): boolean {
  return freeNames.has(name) || (first === openBrace && freeObjectNames.has(name));
}

/** Characters of a data URL that contain its type. */
const longestUrlHead = 200;

function isFile(
  buffer: Buffer,
  { name, start }: Holder['long'][number],
  { type, mediaType }: Holder,
): boolean {
  const head = buffer.toString('latin1', start, start + longestUrlHead);
  const [, said, coding] = /^\s*data:([^;,]*)[^,]*?(;base64)?,/i.exec(head) ?? [];
  if (said !== undefined) return coding !== undefined && !isTextType(said);
  // Bytes that are text cost what the text does.
  if (isTextType(mediaType)) return false;
  return fileBytesNames.has(name) || (bytesNames.has(name) && mediaType !== '' && type !== 'text');
}
