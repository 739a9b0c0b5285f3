import { counted } from '../ground/counted.ts';
import { modelMakers } from '../providers/registry.ts';
import { defineCommand } from './command.ts';
import { configOption, readConfig } from './config-file.ts';
import { Failure } from './failure.ts';

export const command = defineCommand('models update', {
  summary: 'Renew what is known of models and their prices, from a file or the network',
  details: `FILE is price data of the project genai-prices (data_slim.json), or the table of a newer version of this program
(src/models/table.jsonl). The table is kept in the auth-dir; a running gateway reads it when its config is saved, and at
its next start. A file that lacks a known model, or in which a price moved more than tenfold, is refused.`,
  options: {
    config: configOption,
    from: { type: 'string', value: 'FILE', meaning: 'Read this file' },
    network: { type: 'boolean', meaning: 'Read what genai-prices publishes on GitHub now' },
  },
  async run({ values }, shell) {
    const { from, network } = values;
    if ((from === undefined) === (network !== true))
      throw new Failure('usage', 'where from?', 'Use --from FILE, or --network.');
    const { config } = await readConfig(values.config, shell);
    const text = from === undefined ? await downloaded() : await fileText(from);
    const [{ shippedRows }, { tableText, updatedTable }, { modelsFileName }, { writeAtomically }] =
      await Promise.all([
        import('../models/known-models.ts'),
        import('../models/table-update.ts'),
        import('../server/models-file.ts'),
        import('../accounts/atomic-write.ts'),
      ]);
    const today = new Date().toISOString().slice(0, 10);
    const updated = updatedTable(shippedRows(), text, today, modelMakers);
    if (typeof updated === 'string')
      throw new Failure('failure', `${from ?? 'the published data'} was refused: ${updated}`);
    const { mkdir } = await import('node:fs/promises');
    const { join } = await import('node:path');
    const directory = config['auth-dir'];
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const path = join(directory, modelsFileName);
    await writeAtomically(path, tableText(updated.rows));
    const { rows, added, repriced } = updated;
    shell.out.write(
      `${path}: ${counted(rows.length, 'model')}, ${added.length} new, ${repriced.length} with another price\n`,
    );
    return 'ok' as const;
  },
});

async function downloaded(): Promise<string> {
  const { publishedAt, publishedPrices } = await import('../models/price-download.ts');
  try {
    return JSON.stringify(await publishedPrices(fetch));
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreachable';
    throw new Failure('unavailable', `${publishedAt} cannot be had: ${reason}`);
  }
}

async function fileText(file: string): Promise<string> {
  const { readBoundedFile } = await import('../ground/bounded-file.ts');
  const { mostTableBytes } = await import('../server/models-file.ts');
  try {
    const read = await readBoundedFile(file, mostTableBytes);
    if (read.kind === 'no-file') throw new Error('it is no regular file');
    if (read.kind === 'too-large') throw new Error(`it is longer than ${mostTableBytes} bytes`);
    return read.bytes.toString();
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unreadable';
    throw new Failure('failure', `${file} cannot be read: ${reason}`);
  }
}
