/** Files in Google's stores: their addresses mean nothing without the key of their owner, so no other provider reads them. */
import type { LossReport } from './codec.ts';
import type { Message, Part, Source, ToolResultPart } from './model.ts';
import type { Request } from './request.ts';

/**
 * `gs://` of Cloud Storage, its pages for people who are signed in, and the Files API (ai.google.dev/api/files) in every
 * spelling: with or without scheme, of any version, region or gateway before it, and the bare name of a file.
 */
const stores = [
  /^gs:/i,
  /^(?:https?:)?(?:\/\/)?storage\.cloud\.google\.com\//i,
  /^(?:https?:)?(?:\/\/)?[\w.-]*generativelanguage[\w.-]*\.googleapis\.com(?=[:/]|$)/i,
  /^(?:https?:)?\/\/[^/?#]+\/(?:[^?#]*\/)?v1(?:alpha|beta)\d*\/files\/[\w-]+/i,
  /^\/?(?:v1(?:alpha|beta)?\/)?files\/[\w-]+$/i,
];

/** Characters of an address that are looked at: to look for a host takes a time that grows with the square of the length. */
const looked = 2048;

/** Whether an address is one of a file that only Google can read, and only for its owner. */
function isGoogleFile(address: string): boolean {
  const text = address.slice(0, looked).trim();
  return stores.some((store) => store.test(text));
}

/** The request without such files, for providers other than Google: each is reported. */
export function withoutGoogleFiles(request: Request, report: LossReport): Request {
  if (!request.messages.some(({ parts }) => parts.some(holdsOne))) return request;
  const keep = (part: Part): boolean => {
    if (!isOne(part)) return true;
    report(
      'dropped',
      `messages.${part.type}`,
      'the file is in a store of Google, which only its owner can read',
    );
    return false;
  };
  const messages = request.messages.map(
    (message): Message =>
      message.parts.some(holdsOne)
        ? { ...message, parts: message.parts.filter(keep).map((part) => cleanResult(part, keep)) }
        : message,
  );
  return { ...request, messages };
}

function isOne(part: Part): boolean {
  return 'source' in part && isUnreadable(part.source);
}

function isUnreadable(source: Source): boolean {
  return source.kind === 'url' && isGoogleFile(source.url);
}

function holdsOne(part: Part): boolean {
  return isOne(part) || (part.type === 'tool-result' && part.content.some(isOne));
}

function cleanResult(part: Part, keep: (part: Part) => boolean): Part {
  if (part.type !== 'tool-result') return part;
  const content: ToolResultPart['content'] = part.content.filter(keep);
  return { ...part, content };
}
