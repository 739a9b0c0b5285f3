/** What is read of JSON, of forms and of streams without parsing them is what a parser reads. */
import fc from 'fast-check';
import { scanEnvelope } from '../../../src/gateway/body-scan.ts';
import { scanForm } from '../../../src/gateway/form-scan.ts';
import { readForm } from '../../../src/protocols/form-fields.ts';
import { isObject, type Json, parseJson } from '../../../src/protocols/json.ts';
import { eachElement, eachMember } from '../../../src/protocols/json-span.ts';
import { memberSpan } from '../../../src/protocols/json-text-span.ts';
import { protocols } from '../../../src/protocols/model.ts';
import { type SseEvent, sseReader } from '../../../src/protocols/sse.ts';
import { arbitraryCuts, hostileText, hostileWord, mutated, mutatedText, pieces } from '../hostile.ts';
import { demandSame } from '../oracle.ts';
import { target } from '../target.ts';
import { recorded } from './recorded.ts';

const bodies = protocols.flatMap((protocol) => recorded(protocol).requests);
const small = bodies.filter((body) => JSON.stringify(body).length < 3000).slice(0, 60);
const texts = fc.oneof(
  mutated(small).map((body) => JSON.stringify(body)),
  mutated(small).map((body) => JSON.stringify(body, null, 2).replaceAll('\n', '\r\n\t')),
  mutatedText(small.map((body) => JSON.stringify(body))),
);

export const scannerTargets = [
  target('envelopes of JSON bodies', texts, envelope, 300),
  target('members of JSON texts', texts, members, 150),
  target(
    'frames of event streams',
    fc.record({
      stream: fc.oneof(
        fc.array(eventLine(), { maxLength: 12 }).map((lines) => lines.join('')),
        mutatedText([
          'event: a\ndata: {"x":1}\n\ndata: {"x":2}\n\n: note\n\ndata: a\ndata: b\r\n\r\ndata: [DONE]\n\n',
        ]),
      ),
      cuts: arbitraryCuts,
    }),
    ({ stream, cuts }) => {
      const bytes = new TextEncoder().encode(stream);
      demandSame(eventsOf(pieces(bytes, cuts)), wantedEvents(stream), 'events');
    },
    300,
  ),
  target('forms', fc.oneof(forms(), mutatedText([formText('xyz', [['model', 'm']])])), form, 200),
];

function envelope(text: string): void {
  const found = scanEnvelope(new TextEncoder().encode(text));
  const value = parseJson(text.toWellFormed());
  if (!isObject(value) || text.startsWith('\ufeff')) return;
  const { model, stream } = value;
  demandSame(found?.model, typeof model === 'string' ? model : undefined, 'model');
  demandSame(found?.stream, stream === true, 'stream');
  const span = found?.modelSpan;
  const bytes = Buffer.from(text);
  if (span !== undefined) demandSame(parseJson(bytes.toString('utf8', span.start, span.end)), model, 'span');
}

function members(text: string): void {
  const bytes = Buffer.from(text);
  const read = (start: number, end: number): Json | undefined =>
    parseJson(bytes.toString('utf8', start, end));
  const found: [string, Json | undefined][] = [];
  const list: (Json | undefined)[] = [];
  const objectEnd = eachMember(bytes, 0, (keyStart, keyEnd, start, end) =>
    found.push([String(read(keyStart, keyEnd)), read(start, end)]),
  );
  const listEnd = eachElement(bytes, 0, (start, end) => list.push(read(start, end)));
  const spans = ['model', '__proto__', 'messages'].map((name) => memberSpan(text, name));
  const value = parseJson(text.toWellFormed());
  if (Array.isArray(value) && listEnd >= 0) demandSame(list, value, 'elements');
  if (!isObject(value)) return;
  if (objectEnd < 0) throw new Error('an object that is not found');
  demandSame(fromMembers(found), value, 'members');
  const [model] = spans;
  const first = found.find(([key]) => key === 'model');
  demandSame(
    model && parseJson(text.slice(model.start, model.end).toWellFormed()),
    first?.[1],
    'first model',
  );
}

/** The object of these members; of equal names the last counts, in the place of the first. */
function fromMembers(members: readonly [string, Json | undefined][]): Json {
  return (
    parseJson(
      `{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`,
    ) ?? null
  );
}

function eventLine(): fc.Arbitrary<string> {
  const end = fc.constantFrom('\n', '\r', '\r\n');
  const name = fc.constantFrom(
    'data:',
    'data: ',
    'data',
    'event: ',
    'event',
    ':',
    'id: ',
    'retry: 1',
    'dat',
    '\ufeffdata: ',
  );
  const value = fc.oneof(hostileText, fc.constantFrom('{"a":1}', ' x', ''));
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(name, value, end).map((of) => of.join('')) },
    { weight: 2, arbitrary: end },
  );
}

function eventsOf(chunks: readonly Uint8Array[]): SseEvent[] {
  const events: SseEvent[] = [];
  const reader = sseReader((event) => events.push(event));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

/** The standard's algorithm (WHATWG HTML §9.2.6) over the whole text, but that the end of the stream ends an event too. */
function wantedEvents(stream: string): SseEvent[] {
  const events: SseEvent[] = [];
  let data: string[] = [];
  let event: string | undefined;
  const text = new TextDecoder().decode(new TextEncoder().encode(stream));
  for (const line of [...text.split(/\r\n|\r|\n/), '']) {
    const [, field = line, value = ''] = /^([^:]*):[ ]?(.*)$/s.exec(line) ?? [];
    if (line === '') {
      if (data.length > 0) events.push({ event, data: data.join('\n') });
      data = [];
      event = undefined;
    } else if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
  }
  return events;
}

type Field = [name: string, value: string];

function forms(): fc.Arbitrary<string> {
  const name = fc.oneof(fc.constantFrom('model', 'prompt', 'file', 'Model'), hostileWord);
  const value = fc.oneof(hostileText, fc.constantFrom('gpt-image-1', '', '--xyz', '\r\n--xy', '\r\n\r\n'));
  const plain = (text: string): boolean => !/["\r\n\\]/.test(text) && text.isWellFormed();
  return fc
    .array(fc.tuple(name.filter(plain), value), { maxLength: 5 })
    .map((fields: Field[]) => formText('xyz', fields));
}

function formText(boundary: string, fields: readonly Field[]): string {
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return `${parts.join('')}--${boundary}--\r\n`;
}

/** What is taken for a form is one to the runtime's reader, too, with the same fields in the same order. */
async function form(text: string): Promise<void> {
  const type = 'multipart/form-data; boundary=xyz';
  const bytes = new TextEncoder().encode(text);
  const found = scanForm(type, bytes);
  if (found !== 'too-many-parts' && found?.modelSpan !== undefined) {
    const { start, end } = found.modelSpan;
    demandSame(Buffer.from(bytes).toString('utf8', start, end), found.model, 'span');
  }
  const fields: [string, number][] = [];
  // A byte order mark before a value is none of it to the runtime.
  const lengthOf = (start: number, end: number): number =>
    end -
    start -
    (Buffer.from(bytes.subarray(start, end)).toString('latin1').startsWith('\u00ef\u00bb\u00bf') ? 3 : 0);
  const read = readForm(type, bytes, ({ name, isFile, start, end }) =>
    fields.push([name, isFile ? end - start : lengthOf(start, end)]),
  );
  if (read !== 'read' || fields.length === 0) return;
  const parsed = await new Response(bytes, { headers: { 'content-type': type } }).formData();
  const wanted = [...parsed].map(([name, value]): [string, number] => [
    name,
    typeof value === 'string' ? Buffer.byteLength(value) : value.size,
  ]);
  demandSame(fields, wanted, 'fields');
}
