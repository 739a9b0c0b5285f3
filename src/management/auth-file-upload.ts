/** Account files that are sent: as a form with one or many, or as the JSON itself with a name beside it. */
import { contentOf, parseAccount } from '../accounts/account-file.ts';
import { findKind } from '../accounts/account-kind.ts';

export interface UploadedFile {
  name: string;
  text: string;
}

export type Uploaded = { ok: true; files: UploadedFile[]; form: boolean } | { ok: false; error: string };

/** Files of one upload, and bytes of one. */
const mostFiles = 2000;
const mostBytes = 1024 * 1024;

/** Bytes of an upload. */
export const mostUpload = 64 * 1024 * 1024;

/** What is in the body; `name` is that of the query. */
export async function uploadedFiles(
  { bytes, type }: { bytes: Uint8Array<ArrayBuffer>; type: string },
  name: string | undefined,
): Promise<Uploaded> {
  if (!/^multipart\/form-data\b/i.test(type)) {
    const problem = nameProblem(name ?? '', 'name must end with .json');
    if (problem !== undefined) return { ok: false, error: problem };
    return { ok: true, form: false, files: [{ name: name ?? '', text: new TextDecoder().decode(bytes) }] };
  }
  const form = await new Response(bytes, { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined);
  if (form === undefined)
    return { ok: false, error: 'invalid form: expected multipart/form-data with files' };
  const sent = [...form.values()].filter((value) => typeof value !== 'string');
  if (sent.length === 0)
    return { ok: false, error: 'no file uploaded: expected a field "file" with a .json file' };
  if (sent.length > mostFiles) return { ok: false, error: `too many files: at most ${mostFiles} are taken` };
  const files = await Promise.all(sent.map(async (file) => ({ name: file.name, text: await file.text() })));
  return { ok: true, form: true, files };
}

/** The reason why a name is invalid for an account file; `ending` is the message about another ending. */
export function nameProblem(name: string, ending: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: names with them are what is looked for
  if (name === '' || name.length > 200 || /[/\\\x00-\x1f\x7f]/.test(name)) return 'invalid name';
  if (!/\.json$/i.test(name)) return ending;
  // Hidden ones are locks, journals and half-written files.
  return name.startsWith('.') ? 'invalid name' : undefined;
}

/** Why a file cannot be taken; undefined where it can. One whose tokens are missing is kept and listed with its problem. */
export function uploadProblem({ name, text }: UploadedFile): string | undefined {
  const named = nameProblem(name, 'file must be .json');
  if (named !== undefined) return named;
  if (Buffer.byteLength(text) > mostBytes) return `invalid auth file: larger than ${mostBytes} bytes`;
  const content = contentOf(text);
  if (content === undefined) return 'invalid auth file: expected one JSON object';
  const kind = findKind(name, content);
  if (!kind.ok) return `invalid auth file: type: expected ${kind.expected}`;
  const parsed = parseAccount(name, text);
  if (parsed.ok || parsed.problem.key === undefined) return undefined;
  return `invalid auth file: ${parsed.problem.message.slice(name.length + 2)}`;
}
