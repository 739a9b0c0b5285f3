/** The text of the configuration file, as long as it is a file and not out of all proportion. */
import { open, stat } from 'node:fs/promises';

/** Bytes. A configuration of ten thousand keys has a tenth of it; parsing more would hold up running requests. */
const mostBytes = 8 * 1024 * 1024;

/** Why a path is not read though something is there; `code` as those of the system have it. */
class UnfitFile extends Error {
  constructor(readonly code: 'no-file' | 'too-large' | 'no-text') {
    super(code);
  }
}

/**
 * The text at `path`. Rejects with the system's error, or with {@link UnfitFile}: opening a pipe would wait for its writer,
 * for ever where there is none.
 */
export async function readConfigText(path: string): Promise<string> {
  const facts = await stat(path);
  if (!facts.isFile() && !facts.isDirectory()) throw new UnfitFile('no-file');
  await using file = await open(path, 'r');
  if (facts.isFile() && (await file.stat()).size > mostBytes) throw new UnfitFile('too-large');
  const bytes = await file.readFile();
  try {
    // With the mark at its beginning, if there is one, so that a rewrite keeps it.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Replacement characters would end up in keys and names, which could then never match.
    throw new UnfitFile('no-text');
  }
}
