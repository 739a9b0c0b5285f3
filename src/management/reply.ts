/** Answers of the management API: JSON, errors as a text, files. */
import { withShortLines } from '../ground/shortened.ts';
import type { ErrorCode } from './error-codes.ts';

export interface Reply {
  response: Response;
  /** What a write has changed, for the log: names and counts, no secrets. */
  changed?: string | undefined;
}

const jsonType = { 'content-type': 'application/json; charset=utf-8' };

/** An answer with `body` as JSON. */
export function json(body: unknown, more: { status?: number; changed?: string | undefined } = {}): Reply {
  const { status = 200, changed } = more;
  return { response: new Response(JSON.stringify(body), { status, headers: jsonType }), changed };
}

/** An answer whose JSON is written already, as text or in UTF-8. */
export function jsonText(text: string | Uint8Array<ArrayBuffer>): Reply {
  return { response: new Response(text, { headers: jsonType }) };
}

/** What setters answer. */
export function done(changed?: string, more: Record<string, unknown> = {}): Reply {
  return json({ status: 'ok', ...more }, { changed });
}

/**
 * An error in the form of CLIProxyAPI's clients: a text, not an object. `code` is for programs; `message` is added to texts that
 * clients compare.
 */
export function refuse(status: number, error: string, more: { code: ErrorCode; message?: string }): Reply {
  const { code, message } = more;
  return json(
    {
      error: withShortLines(error),
      code,
      ...(message !== undefined && { message: withShortLines(message) }),
    },
    { status },
  );
}

/** The empty 404 of an address or a method that there is not. */
export function nothingHere(): Reply {
  return { response: new Response(null, { status: 404 }) };
}

/** A file to save under this name. */
export function attachment(name: string, content: string | Uint8Array<ArrayBuffer>, type: string): Reply {
  return {
    response: new Response(content, {
      headers: { 'content-type': type, 'content-disposition': dispositionOf(name) },
    }),
  };
}

/** RFC 6266 §4: the name in quotes, and in UTF-8 where it has other characters. */
function dispositionOf(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const exact = plain === name ? '' : `; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`;
  return `attachment; filename="${plain}"${exact}`;
}
