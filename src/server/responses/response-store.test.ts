import { Database } from 'bun:sqlite';
import { afterAll, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../../test/eventually.ts';
import { inputOfItems } from './input-items.ts';
import { openResponseDatabase } from './response-database.ts';
import { createResponseStore, type ResponseStore } from './response-store.ts';
import type { StoredResponse } from './stored-response.ts';

const folder = mkdtempSync(join(tmpdir(), 'response-store-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of this test. */
let file = '';
let time = 0;
let problems: unknown[] = [];
beforeEach(beforeNext);
function beforeNext(): void {
  file = join(mkdtempSync(join(folder, 'one-')), 'kept.sqlite');
  time = 1_000_000;
  problems = [];
}

const hour = 3_600_000;

function open(
  bounds: { ttl?: number; maxBytes?: number; largest?: number; mostRead?: number } = {},
): ResponseStore {
  const { database } = openResponseDatabase(file);
  return createResponseStore({
    database,
    ttl: hour,
    maxBytes: 2 ** 30,
    largest: 2 ** 25,
    mostRead: 2 ** 26,
    ...bounds,
    now: () => time,
    later: () => () => undefined,
    onProblem: (problem) => void problems.push(problem),
  });
}

function answer(id: string, more: Partial<StoredResponse> & { text?: string } = {}): StoredResponse {
  const { text = `said in ${id}`, ...rest } = more;
  return {
    id,
    client: 'client',
    previous: undefined,
    native: false,
    input: inputOfItems([{ role: 'user', content: `asked for ${id}` }]),
    response: { id, object: 'response', output: [{ type: 'message', id: `item of ${id}`, content: text }] },
    ...rest,
  };
}

const itemOf = async (store: ResponseStore, id: string, client: string) => {
  const found = await store.items([id], client);
  return found === 'too-long' ? found : found.get(id);
};

const saidIn = (items: unknown): unknown =>
  Array.isArray(items) ? items.map(({ content }: { content: string }) => content) : items;

/** How many bytes lie on disk, the journal included. */
function onDisk(): number {
  return ['', '-wal'].reduce((sum, part) => sum + statSync(file + part).size, 0);
}

test.each([{ written: false }, { written: true }])(
  'an answer and its items are found at once, by their client only (written: $written)',
  async ({ written }) => {
    const store = open();
    store.keep(answer('a'));
    if (written) store.sweep();
    expect(JSON.parse((await store.find('a', 'client')?.json()) ?? '')).toEqual(answer('a').response);
    expect(await itemOf(store, 'item of a', 'client')).toMatchObject({ content: 'said in a' });
    expect(store.find('a', 'another')).toBeUndefined();
    expect(await itemOf(store, 'item of a', 'another')).toBeUndefined();
    expect(store.forget('a', 'another')).toBe(false);
    expect(store.forget('a', 'client')).toBe(true);
    expect(store.forget('a', 'client')).toBe(false);
    expect(await itemOf(store, 'item of a', 'client')).toBeUndefined();
    store.close();
  },
);

test('two clients whose upstreams give the same id each have their own', async () => {
  const store = open();
  for (const client of ['one', 'two']) store.keep(answer('a', { client, text: `for ${client}` }));
  for (const when of ['before', 'after']) {
    if (when === 'after') store.sweep();
    for (const client of ['one', 'two'])
      expect(saidIn(await store.conversation('a', client))).toEqual(['asked for a', `for ${client}`]);
  }
  store.close();
});

test('answers and their chain outlive a restart', async () => {
  const before = open();
  before.keep(answer('a'));
  before.keep(answer('b', { previous: 'a', native: true }));
  before.close();
  const after = open();
  expect(saidIn(await after.conversation('b', 'client'))).toEqual([
    'asked for a',
    'said in a',
    'asked for b',
    'said in b',
  ]);
  expect(after.find('b', 'client')?.native).toBe(true);
  after.close();
});

test('a conversation with a part missing is none, nor is one that goes round', async () => {
  const store = open();
  store.keep(answer('a', { previous: 'never kept' }));
  store.keep(answer('b', { previous: 'a' }));
  store.keep(answer('ring', { previous: 'ring' }));
  for (const id of ['a', 'b', 'ring', 'unknown'])
    expect(await store.conversation(id, 'client')).toBeUndefined();
  store.keep(answer('first'));
  store.keep(answer('second', { previous: 'first' }));
  store.forget('first', 'client');
  expect(await store.conversation('second', 'client')).toBeUndefined();
  store.close();
});

test('a conversation of 10,000 answers is put together in well under a second, one more is refused', async () => {
  const store = open();
  for (let turn = 0; turn <= 10_000; turn++)
    store.keep(answer(`${turn}`, { previous: turn === 0 ? undefined : `${turn - 1}` }));
  const began = process.cpuUsage();
  expect(await store.conversation('9999', 'client')).toHaveLength(20_000);
  // Its own time: others may keep the machine busy.
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1000).toBeLessThan(1000);
  expect(await store.conversation('10000', 'client')).toBeUndefined();
  store.close();
});

test('an answer is gone after its time, which going on from it begins anew', async () => {
  const store = open();
  for (const id of ['used', 'unused']) store.keep(answer(id));
  store.sweep();
  time += hour - 1;
  expect(await store.conversation('used', 'client')).toBeDefined();
  store.sweep();
  time += 1;
  expect(store.find('unused', 'client')).toBeUndefined();
  expect(store.find('used', 'client')).toBeDefined();
  store.sweep();
  time += hour;
  expect(store.find('used', 'client')).toBeUndefined();
  store.sweep();
  store.close();
  const left = new Database(file);
  expect(left.query('SELECT id FROM responses UNION SELECT id FROM items').all()).toEqual([]);
  left.close();
});

test('what was not used for longest goes first when there is too much, counted as bytes on disk', async () => {
  const most = 1024 * 1024;
  const store = open({ maxBytes: most });
  // Two bytes each in UTF-8, one unit of a JavaScript string.
  const text = 'é'.repeat(50_000);
  for (let n = 0; n < 40; n++) {
    time += 1;
    store.keep(answer(`${n}`, { text }));
    if (n % 5 === 0) store.sweep();
    if (n > 0) await store.conversation('0', 'client');
  }
  store.sweep();
  const left = Array.from({ length: 40 }, (_, n) => n).filter((n) => store.find(`${n}`, 'client'));
  expect(left).toEqual([0, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  store.close();
  expect(statSync(file).size).toBeLessThan(3 * most);
});

test('the file and its journal become small again when less may be kept', () => {
  const store = open();
  for (let n = 0; n < 200; n++) store.keep(answer(`${n}`, { text: 'x'.repeat(100_000) }));
  store.sweep();
  expect(onDisk()).toBeGreaterThan(16_000_000);
  store.bound({ ttl: hour, maxBytes: 1_000_000, largest: 2 ** 25, mostRead: 2 ** 26 });
  store.sweep();
  store.sweep();
  expect(store.find('199', 'client')).toBeDefined();
  store.close();
  expect(statSync(file).size).toBeLessThan(6_000_000);
});

test('only the owner may read the file and its journals', () => {
  const store = open();
  store.keep(answer('a'));
  store.sweep();
  const modes = readdirSync(join(file, '..')).map((name) => [
    name,
    (statSync(join(file, '..', name)).mode & 0o777).toString(8),
  ]);
  expect(modes.toSorted()).toEqual([
    ['kept.sqlite', '600'],
    ['kept.sqlite-shm', '600'],
    ['kept.sqlite-wal', '600'],
  ]);
  store.close();
});

test.each([
  { what: 'no database', make: () => writeFileSync(file, 'no database at all\n'.repeat(100)) },
  {
    what: "somebody else's database",
    make: () => {
      const other = new Database(file);
      other.run('CREATE TABLE precious (data TEXT)');
      other.close();
    },
  },
])('a file that is $what is moved aside, whole, and a new one made', ({ make }) => {
  make();
  const before = Bun.file(file).size;
  const { database, movedAside } = openResponseDatabase(file);
  expect(movedAside).toBe(`${file}.broken`);
  expect(statSync(`${file}.broken`).size).toBe(before);
  database.close();
  expect(openResponseDatabase(file).movedAside).toBeUndefined();
});

test('two gateways share one file', async () => {
  const [one, two] = [open(), open()];
  one.keep(answer('a'));
  one.sweep();
  two.keep(answer('b', { previous: 'a' }));
  two.sweep();
  expect(await one.conversation('b', 'client')).toHaveLength(4);
  one.close();
  two.close();
  expect(problems).toEqual([]);
});

test('while another process holds the file answers wait in memory, and are written afterwards', () => {
  const store = open();
  const other = new Database(file);
  other.run('BEGIN EXCLUSIVE');
  store.keep(answer('a'));
  store.sweep();
  expect(problems).toHaveLength(1);
  expect(store.find('a', 'client')).toBeDefined();
  other.run('ROLLBACK');
  other.close();
  store.close();
  const after = open();
  expect(after.find('a', 'client')).toBeDefined();
  after.close();
});

test('an answer that comes after the store was closed is not kept, and no error', async () => {
  const store = open();
  store.close();
  store.keep(answer('late'));
  store.sweep();
  store.close();
  expect(store.find('late', 'client')).toBeUndefined();
  expect(await store.conversation('late', 'client')).toBeUndefined();
  expect(await itemOf(store, 'item of late', 'client')).toBeUndefined();
  expect(store.forget('late', 'client')).toBe(false);
  expect(problems).toEqual([]);
});

test('an answer that is larger than may be kept, with its input, is not; it is said once it is written', () => {
  const store = open({ largest: 2000 });
  store.keep(answer('resp_small'));
  store.keep(answer('resp_large', { text: 'x'.repeat(2000) }));
  store.keep(answer('resp_asked', { input: inputOfItems([{ role: 'user', content: 'x'.repeat(2000) }]) }));
  store.sweep();
  expect(problems.map(String)).toEqual(
    ['resp_large', 'resp_asked'].map(() => expect.stringContaining('bounds.stored-response')),
  );
  expect(
    ['resp_small', 'resp_large', 'resp_asked'].map((id) => store.find(id, 'client') !== undefined),
  ).toEqual([true, false, false]);
});

test('what waits to be written counts as what is written, for what may be read for one request', async () => {
  const said = [{ role: 'user', content: 'x'.repeat(100) }];
  for (const one of [
    { text: 'x'.repeat(1500) },
    { input: inputOfItems([...said, ...Array(14).fill(said[0])]) },
  ])
    for (const written of [false, true]) {
      const store = open({ mostRead: 3000 });
      store.keep(answer('a', one));
      store.keep(answer('b', { ...one, previous: 'a' }));
      if (written) store.sweep();
      expect([written, Array.isArray(await store.conversation('a', 'client'))]).toEqual([written, true]);
      expect([written, await store.conversation('b', 'client')]).toEqual([written, 'too-long']);
      store.close();
      beforeNext();
    }
});

test('items of one answer are read with one look at it, and no more than may be read for one request', async () => {
  const many = (id: string) =>
    answer(id, {
      response: {
        ...{ id, object: 'response' },
        output: Array.from({ length: 1000 }, (_, at) => ({
          type: 'message',
          id: `${id}_${at}`,
          content: 'x'.repeat(100),
        })),
      },
    });
  const ids = Array.from({ length: 1000 }, (_, at) => [`a_${at}`, `b_${at}`]).flat();
  const store = open({ mostRead: 400_000 });
  for (const id of ['a', 'b']) store.keep(many(id));
  store.sweep();
  const found = await store.items(ids, 'client');
  expect(found === 'too-long' ? found : found.size).toBe(2000);
  store.keep(many('c'));
  store.sweep();
  expect(await store.items([...ids, 'c_1'], 'client')).toBe('too-long');
  store.close();
});

test('a conversation that is longer than may be read for one request is told apart from one that is gone', async () => {
  const store = open({ mostRead: 1000 });
  for (let turn = 0; turn < 10; turn++)
    store.keep(
      answer(`${turn}`, { previous: turn === 0 ? undefined : `${turn - 1}`, text: 'x'.repeat(200) }),
    );
  store.sweep();
  expect(await store.conversation('1', 'client')).toHaveLength(4);
  expect(await store.conversation('9', 'client')).toBe('too-long');
  expect([store.knows('9', 'client'), store.knows('10', 'client')]).toEqual([true, false]);
  store.close();
});

test('long answers that wait are written one after the other, each in a turn of its own', async () => {
  let write = (): void => {};
  const { database } = openResponseDatabase(file);
  const later = (run: () => void) => {
    write = run;
    return () => undefined;
  };
  const bounds = { ttl: hour, maxBytes: 2 ** 30, largest: 2 ** 25, mostRead: 2 ** 26 };
  const store = createResponseStore({ database, ...bounds, now: () => time, later, onProblem: () => {} });
  const written = (): unknown[] => database.query('SELECT id FROM responses').values().flat();
  for (const id of ['a', 'b', 'c']) store.keep(answer(id, { text: 'x'.repeat(500_000) }));
  write();
  expect(written()).toEqual(['a']);
  await eventually(() => written().length === 3);
  expect(store.find('b', 'client')?.id).toBe('b');
  store.close();
});

test('whose an id is is known before it is written, and by whoever has it', () => {
  const store = open();
  store.keep(answer('a'));
  store.own(['shared', 'mine'], 'client');
  store.own(['shared'], 'another');
  for (const when of ['before', 'after']) {
    if (when === 'after') store.sweep();
    const foreign = (client: string) =>
      ['a', 'item of a', 'shared', 'mine', 'unknown'].filter((id) => store.isForeign(id, client));
    expect([when, foreign('client'), foreign('another'), foreign('third')]).toEqual([
      when,
      [],
      ['a', 'item of a', 'mine'],
      ['a', 'item of a', 'shared', 'mine'],
    ]);
  }
  store.close();
});
