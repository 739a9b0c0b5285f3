/**
 * The fields of a form (RFC 7578), read from its bytes: files are not copied. A form that another program could read otherwise is taken
 * for none: what a rule has looked at must be what a provider finds.
 */
import { folded } from './answer-limit.ts';

/** Whether a body of this type, as its header says, is a form. A JSON body is none, whatever it calls itself. */
export function isForm(contentType: string | null, body: Uint8Array): contentType is string {
  return (
    contentType !== null && formType.test(contentType) && (body[0] === dash || body[0] === carriageReturn)
  );
}

const dash = 0x2d;
const carriageReturn = 0x0d;

/** RFC 2046 §5.1.1: characters and length of a boundary. To search a body for a long one may take as many looks at each byte. */
const formType = /^multipart\/form-data\s*;/i;
const boundaryIn =
  /^multipart\/form-data\s*;\s*boundary=(?:"([\w'()+,./:=? -]{1,70})"|([\w'()+./:=?-]{1,70}))\s*(?:;\s*charset="?utf-?8"?\s*)?;?\s*$/i;

/** Far more than any request has; reading a part takes a microsecond or two, and holds up everybody. */
const mostParts = 4096;

/** Bytes of the headers of one part. */
const longestHead = 16_384;

export interface FormField {
  name: string;
  /** The parts of a name such as `svg[model]` or `svg.model`, folded; places in lists are left out. */
  path: string[];
  /** Whether it has a file name: programs differ in whether one that is empty makes it a file. */
  isFile: boolean;
  /** Where its value stands. */
  start: number;
  end: number;
}

/** Visits each field. `unread` when the bytes are not a form as the type announces it, or not clearly so. */
export function readForm(
  contentType: string,
  bytes: Uint8Array,
  visit: (field: FormField) => void,
): 'read' | 'too-many-parts' | 'unread' {
  const [, quoted, plain] = boundaryIn.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return 'unread';
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lineDelimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // The line end before the first delimiter may be there or not.
  const begin = startsWith(buffer, lineDelimiter, 0) ? 0 : -2;
  if (begin < 0 && !startsWith(buffer, lineDelimiter.subarray(2), 0)) return 'unread';
  let at = begin + lineDelimiter.length;
  for (let parts = 0; ; parts++) {
    const next = buffer.toString('latin1', at, at + 2);
    if (next === '--') return isBlank(buffer, at + 2) ? 'read' : 'unread';
    if (next !== '\r\n') return 'unread';
    if (parts === mostParts) return 'too-many-parts';
    const headEnd = buffer.subarray(at, at + longestHead).indexOf('\r\n\r\n') + at;
    if (headEnd < at) return 'unread';
    const start = headEnd + 4;
    // The line end before a delimiter belongs to it; of an empty value it is the last one of the head.
    const end = buffer.indexOf(lineDelimiter, start - 2);
    const head = end < 0 ? undefined : readHead(buffer.toString('utf8', at + 2, headEnd));
    if (head === undefined) return 'unread';
    visit({ ...head, start, end: Math.max(start, end) });
    at = end + lineDelimiter.length;
  }
}

function startsWith(buffer: Buffer, wanted: Buffer, at: number): boolean {
  return buffer.subarray(at, at + wanted.length).equals(wanted);
}

/** Programs differ in whether they read on behind the last delimiter. */
function isBlank(buffer: Buffer, from: number): boolean {
  for (let at = from; at < buffer.length; at++) if (!blank.has(buffer[at] ?? 0)) return false;
  return true;
}

const blank: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, carriageReturn]);

const headerLine = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/;
/** `name="model"`, `name=model`; a backslash in a name is read in as many ways as there are programs. */
const parameter = /^;[ \t]*([!#$%&'*+.^`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))/;

/** What the headers of a part say of it; undefined where they say it twice, or in a way that has to be decoded. */
function readHead(head: string): Pick<FormField, 'name' | 'path' | 'isFile'> | undefined {
  let disposition: string | undefined;
  for (const line of head.split('\r\n')) {
    const [, header, value = ''] = headerLine.exec(line) ?? [];
    if (header === undefined) return undefined;
    switch (header.toLowerCase()) {
      case 'content-disposition':
        if (disposition !== undefined) return undefined;
        disposition = value;
        break;
      case 'content-transfer-encoding':
        if (!/^(?:7bit|8bit|binary)$/i.test(value)) return undefined;
    }
  }
  const [type] = /^form-data(?=;)/i.exec(disposition ?? '') ?? [];
  if (type === undefined || disposition === undefined) return undefined;
  let rest = disposition.slice(type.length);
  let name: string | undefined;
  let isFile = false;
  for (let found = parameter.exec(rest); found !== null; found = parameter.exec(rest)) {
    const [all, key = '', quoted, plain] = found;
    rest = rest.slice(all.length);
    switch (key.toLowerCase()) {
      case 'name':
        if (name !== undefined) return undefined;
        name = quoted ?? plain;
        break;
      case 'filename':
      case 'filename*':
        isFile = true;
        break;
      case 'name*':
        return undefined;
    }
  }
  if (!name || /[\\\p{Cc}]/u.test(name) || !/^;?$/.test(rest)) return undefined;
  return { name, path: pathOf(name), isFile };
}

/** `svg[0][Model]` is `svg`, `model`, and so is `svg.model`; `%6d` is a letter to some. */
function pathOf(name: string): string[] {
  return name
    .replaceAll(/%([0-7][\da-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .split(/[[\].]+/)
    .map((part) => folded(part.trim()))
    .filter((part) => part !== '' && !/^\d+$/.test(part));
}
