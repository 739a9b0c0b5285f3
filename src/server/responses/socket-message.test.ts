import { expect, test } from 'bun:test';
import { shippedBounds } from '../../config/bounds.ts';
import { readMessage } from './socket-message.ts';

const read = (text: string) => readMessage(text, undefined, shippedBounds);

test('a message names one model: another in other letters is refused, as over HTTP', () => {
  const said = read('{"type":"response.create","model":"a","MODEL":"b","input":"x"}');
  expect(said).toMatchObject({ ok: false, error: { status: 400, param: 'MODEL' } });
});

test('of a model that stands twice only one goes on', () => {
  const said = read('{"type":"response.create","model":"a","model":"b","input":"x"}');
  expect(said).toMatchObject({ ok: true, model: 'b', body: { model: 'b' } });
});
