/** The table of models that `models update` has written beside the accounts takes the place of the shipped one. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedRows, useModels } from '../models/known-models.ts';
import { readTable } from '../models/model-table.ts';

/** The file's name in `auth-dir`. */
export const modelsFileName = '.models.jsonl';

/** More than this is no table of models; the shipped one has an eighth of a megabyte. */
export const mostTableBytes = 16 * 1024 * 1024;

/**
 * Puts the directory's table in force, or the shipped one where there is none, it cannot be read, or it is older than the
 * program: `warn` gets a sentence about the latter two.
 */
export async function openModels(directory: string, warn: (sentence: string) => void): Promise<void> {
  const path = join(directory, modelsFileName);
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) return useModels(undefined);
  const rows = size > mostTableBytes ? `it is longer than ${mostTableBytes} bytes` : await read(path);
  const refused = typeof rows === 'string' ? rows : undefined;
  if (typeof rows === 'string') useModels(undefined);
  else if (newest(rows) < newest(shippedRows())) {
    useModels(undefined);
    warn(`${path} is older than the program's own table of models: run "cli-proxy-api models update".`);
  } else useModels(rows);
  if (refused !== undefined) warn(`${path} cannot be used: ${refused}. The program's own table is in force.`);
}

async function read(path: string): Promise<ReturnType<typeof readTable>> {
  try {
    return readTable(await readFile(path, 'utf8'));
  } catch (error) {
    return error instanceof Error ? error.message : 'it cannot be read';
  }
}

function newest(rows: readonly { date: string }[]): string {
  return rows.reduce((latest, { date }) => (date > latest ? date : latest), '');
}
