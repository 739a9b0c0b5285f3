import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../test/eventually.ts';
import { configOf } from '../../../test/gateway-harness.ts';
import { usageRecord } from '../../../test/usage-records.ts';
import { pragma } from '../../ground/database-file.ts';
import { systemTimers } from '../../ground/timers.ts';
import { createLog } from '../../telemetry/log.ts';
import { requestReader } from '../../usage/request-reader.ts';
import { usageFile } from '../../usage/usage-database.ts';
import { type KeptUsage, keptUsage } from './kept-usage.ts';

const now = Date.UTC(2026, 10, 29, 12);

function started(lines: string[]): KeptUsage {
  const log = createLog({ level: 'info', format: 'json', sink: { write: (line) => lines.push(line) } });
  return keptUsage(log, systemTimers, () => now);
}

/** Overwrites the page in which a table begins: what opening the file reads stays as it was. */
function damage(file: string, table: string): void {
  const database = new Database(file);
  database.run('PRAGMA wal_checkpoint(TRUNCATE)');
  const page = database
    .query<{ rootpage: number }, [string]>('SELECT rootpage FROM sqlite_master WHERE name = ?')
    .get(table)?.rootpage;
  const size = pragma(database, 'page_size');
  database.close();
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(size, 0xa5), 0, size, ((page ?? 1) - 1) * size);
  closeSync(handle);
}

test.each([
  { table: 'meta', shows: 'when it is opened' },
  { table: 'usage_hour', shows: 'when it is written' },
])('a file of usage that shows only $shows that it is broken is moved aside', async ({ table }) => {
  const directory = mkdtempSync(join(tmpdir(), 'cli-proxy-api-kept-usage-'));
  using _ = { [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
  const config = configOf({ 'auth-dir': directory });
  const first = started([]);
  await first.configure(config);
  for (let i = 0; i < 500; i++) first.add(usageRecord({ at: now + i }));
  await first.open();
  first.close();
  const file = usageFile(directory);
  damage(file, table);

  const lines: string[] = [];
  const second = started(lines);
  await second.configure(config);
  await eventually(async () => {
    second.add(usageRecord({ at: now }));
    await second.open();
    return existsSync(`${file}.broken`);
  });
  expect(lines.join('')).toContain('it was moved aside, and a new one begins');
  await eventually(async () => {
    second.add(usageRecord({ at: now }));
    const open = await second.open();
    return open.ok && (await requestReader(open.database).list({ where: {}, limit: 10 })).length > 0;
  });
  second.close();
});
