import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { shippedBounds } from '../../config/bounds.ts';
import { type Message, readMessage } from './socket-message.ts';

const bodyText = (said: Message): string =>
  said.ok ? new TextDecoder().decode(said.body) : said.error.message;
const read = (text: string) => readMessage(text, undefined, shippedBounds);

test('a message names one model: another in other letters is refused, as over HTTP', async () => {
  const said = await read('{"type":"response.create","model":"a","MODEL":"b","input":"x"}');
  expect(said).toMatchObject({ ok: false, error: { status: 400, param: 'MODEL' } });
});

test('of a model that stands twice only one goes on', async () => {
  const said = await read('{"type":"response.create","model":"a","model":"b","input":"x"}');
  expect(said).toMatchObject({ ok: true, model: 'b' });
  expect(bodyText(said)).toBe('{"model":"b","input":"x","stream":true}');
});

test('H4: a name of a request that would make each event long is refused', async () => {
  const message = (id: string) =>
    read(`{"type":"response.create","model":"a","input":"x","stream_id":"${id}"}`);
  expect(await message('s'.repeat(256))).toMatchObject({ ok: true });
  const refused = await message('s'.repeat(257));
  expect(refused).toMatchObject({
    ok: false,
    error: { status: 400, param: 'stream_id' },
    streamId: undefined,
  });
  expect(bodyText(refused).length).toBeLessThan(200);
});

/** What programs write that no serialiser of ours would: odd white space, numbers in other words, escapes, unknown members. */
const oddMembers = fc
  .array(
    fc.constantFrom(
      '1e2',
      '1.0',
      '"\\u00e9\\/"',
      ' [ 1.50 , {} ] ',
      '{"b":1 ,"a":\t2}',
      '12345678901234567890',
    ),
    { maxLength: 4 },
  )
  .map((all) => all.map((one, at) => `"x${at}" : ${one} ,\n`).join(''));

test('a message goes on in its own bytes, but for what belongs to the way', async () => {
  await fc.assert(
    fc.asyncProperty(
      oddMembers,
      oddMembers.map((text) => text.replaceAll('"x', '"y')),
      fc.boolean(),
      async (head, tail, generate) => {
        const own = `${head}"model" : "m(high)" ,${tail} "input":[ {"role":"user","content":"Hi","n":1.0} ]`;
        const way = `"type":"response.create", "stream_id" : "s",${generate ? '' : '"generate" : false,'} "background":true ,`;
        expect(bodyText(await read(`{ ${way}${own} }`))).toBe(`{ ${own},"stream":true }`);
        expect(bodyText(await read(`{ ${own} , ${way}"stream":true}`))).toBe(`{ ${own} ,"stream":true}`);
      },
    ),
  );
});

test('a long message is read in steps, to what a short one would be', async () => {
  const input = Array.from({ length: 20_000 }, (_, at) => `{"role":"user","content":"message ${at}"}`);
  let turns = 0;
  const count = setInterval(() => {
    turns += 1;
  }, 0);
  const said = await read(`{"type":"response.create","model":"a","input":[${input.join()}]}`);
  clearInterval(count);
  expect(turns).toBeGreaterThan(2);
  expect(bodyText(said)).toBe(`{"model":"a","input":[${input.join()}],"stream":true}`);
});
