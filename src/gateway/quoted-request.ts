/** Errors that repeat what they were asked, without it: what people write is in no log and no trace, whoever writes it there. */
import type { ClientRequest } from './answer.ts';
import { isReleased } from './large-body.ts';

/** Characters of a stretch that is looked for: shorter ones are words, names and numbers, which an error is of no use without. */
const stretch = 24;
/** From one stretch to the next that is looked for. */
const stride = 8;
/** Bytes that are searched for one text: each stretch is looked for in all of the body. */
const mostSearched = 256 * 1024 * 1024;
/** Bytes of a body in whose base64 it is looked for, too. */
const mostEncoded = 8 * 1024 * 1024;
/** Characters of an error that are kept where the body is there no longer, and of one about a body that is very long. */
const shortError = 200;

const gap = '[…]';

type Asked = Pick<ClientRequest, 'body' | 'model'>;

/**
 * The text without what of the request stands in it; the very same one where there is nothing. It is looked for as the body has it: as it is, and
 * as JSON writes it. Of a long text, and of one about a long body, only the beginning is kept.
 */
export function withoutRequest(text: string, { body, model }: Asked): string {
  if (text.length < stretch) return text;
  // What was asked for is gone: an error begins with what is wrong, and quotes behind that.
  if (isReleased(body)) return text.slice(0, shortError).replace(/["'`“‘«{[:].*$/s, gap);
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const most = Math.max(shortError, stride * Math.floor(mostSearched / Math.max(1, buffer.length)));
  const kept = text.slice(0, most);
  /** Whether the stretch that begins there is of the request. */
  const isAsked = (at: number): boolean => {
    const piece = kept.slice(at, at + stretch);
    return piece.length === stretch && !model.includes(piece) && isIn(buffer, piece);
  };
  let out = '';
  let from = 0;
  for (let at = 0; at + stretch <= kept.length; at += stride) {
    if (!isAsked(at)) continue;
    let start = at;
    while (start > Math.max(from, at - stride) && isAsked(start - 1)) start -= 1;
    while (isAsked(at + stride)) at += stride;
    while (isAsked(at + 1)) at += 1;
    out += `${kept.slice(from, start)}${gap}`;
    from = at + stretch;
    at = from - stride;
  }
  if (from === 0 && kept === text) return text;
  return `${out}${kept.slice(from)}${kept === text ? '' : '…'}`.toWellFormed();
}

function isIn(body: Buffer, piece: string): boolean {
  // Half a character at an edge is in no body.
  if (body.includes(piece.toWellFormed())) return true;
  const written = JSON.stringify(piece).slice(1, -1);
  if (written !== piece && body.includes(written)) return true;
  if (isEncodedIn(body, piece)) return true;
  if (/^[\x20-\x7e]*$/.test(piece)) return false;
  const inAscii = written.replaceAll(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return body.includes(inAscii);
}

/** Whether it stands in a file that the body holds in base64: what three bytes are there depends on where they begin. */
function isEncodedIn(body: Buffer, piece: string): boolean {
  if (body.length > mostEncoded || !mayHoldFiles(body)) return false;
  const bytes = Buffer.from(piece);
  return [0, 1, 2].some((before) => {
    const written = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return body.includes(written.slice(before === 0 ? 0 : 4, Math.floor((before + bytes.length) / 3) * 4));
  });
}

/** Messages and Gemini have files under `data` alone. */
function mayHoldFiles(body: Buffer): boolean {
  return body.includes('base64') || body.includes('"data"');
}
