import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { scanForm as scan } from './form-scan.ts';

function scanForm(type: string, bytes: Uint8Array) {
  const found = scan(type, bytes);
  if (found === 'too-many-parts') throw new Error(found);
  return found;
}

async function formOf(fields: [name: string, value: string | File][]) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  const written = new Response(form);
  const type = written.headers.get('content-type') ?? '';
  return { type, bytes: new Uint8Array(await written.arrayBuffer()) };
}

test('the model of a form is found wherever it stands, and so are its bytes', async () => {
  const file = fc
    .uint8Array({ maxLength: 200 })
    .map((bytes) => new File([bytes], 'model', { type: 'image/png' }));
  const field = fc.tuple(
    fc.constantFrom('image', 'image[]', 'prompt', 'models'),
    fc.oneof(fc.string(), file),
  );
  const lists = fc.array<[string, string | File]>(field);
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[\r\n\ud800-\udfff]/.test(value));
  await fc.assert(
    fc.asyncProperty(lists, text, lists, async (before, model, after) => {
      const { type, bytes } = await formOf([...before, ['model', model], ...after]);
      const found = scanForm(type, bytes);
      expect(found?.model).toBe(model);
      const { start, end } = found?.modelSpan ?? { start: 0, end: 0 };
      expect(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end))).toBe(model);
    }),
  );
});

test('a form without a model has none, nor has a file of that name', async () => {
  const { type, bytes } = await formOf([['model', new File(['x'], 'x')]]);
  expect(scanForm(type, bytes)).toMatchObject({ model: undefined });
});

const part = '--b\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--b--\r\n';

test.each([
  {
    what: 'names and boundaries without quotes',
    type: 'multipart/form-data; boundary=b',
    text: part,
    model: 'm',
  },
  { what: 'a boundary in quotes', type: 'multipart/form-data; boundary="b"', text: part, model: 'm' },
  {
    what: 'a line end before the first part',
    type: 'multipart/form-data; boundary=b',
    text: `\r\n${part}`,
    model: 'm',
  },
  {
    what: 'the headers of other programs',
    type: 'Multipart/Form-Data;boundary=b; charset=utf-8',
    text: part.replace(
      '\r\n\r\n',
      '\r\ncontent-type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\nContent-Length: 1\r\n\r\n',
    ),
    model: 'm',
  },
])('$what are read', ({ type, text, model }) => {
  expect(scanForm(type, new TextEncoder().encode(text))?.model).toBe(model);
});

test.each([
  { what: 'no boundary', type: 'multipart/form-data', text: part },
  { what: 'another boundary', type: 'multipart/form-data; boundary=c', text: part },
  { what: 'a cut body', type: 'multipart/form-data; boundary=b', text: part.slice(0, -12) },
  { what: 'nothing', type: 'multipart/form-data; boundary=b', text: '' },
  { what: 'words before it', type: 'multipart/form-data; boundary=b', text: `hello\r\n${part}` },
  { what: 'a second part behind its end', type: 'multipart/form-data; boundary=b', text: part + part },
  { what: 'two boundaries', type: 'multipart/form-data; boundary=b; boundary=c', text: part },
  {
    what: 'a boundary in a parameter',
    type: 'multipart/form-data; x="; boundary=b"; boundary=c',
    text: part,
  },
  { what: 'a boundary in another encoding', type: "multipart/form-data; boundary*=utf-8''b", text: part },
  { what: 'a longer delimiter', type: 'multipart/form-data; boundary=b', text: part.replace('--b', '--bc') },
  { what: 'line feeds alone', type: 'multipart/form-data; boundary=b', text: part.replaceAll('\r\n', '\n') },
  ...[
    ['a folded header', 'form-data;\r\n name=model'],
    ['two names', 'form-data; name=x; name=model'],
    ['a name in another encoding', "form-data; name=x; name*=utf-8''model"],
    ['a letter behind a backslash', 'form-data; name="mo\\del"'],
    ['a control character in a name', 'form-data; name="model\x00"'],
    ['a space before a semicolon', 'form-data ; name=model'],
    ['two dispositions', 'form-data; name=x\r\nContent-Disposition: form-data; name=model'],
    ['another disposition', 'attachment; name=model'],
    ['an encoded value', 'form-data; name=model\r\nContent-Transfer-Encoding: quoted-printable'],
    ['a space before a colon', 'form-data; name=x\r\nContent-Disposition : form-data; name=model'],
  ].map(([what = '', disposition = '']) => ({
    what,
    type: 'multipart/form-data; boundary=b',
    text: part.replace('form-data; name=model', disposition),
  })),
])('a form with $what is none', ({ type, text }) => {
  expect(scanForm(type, new TextEncoder().encode(text))).toBeUndefined();
});

test('H3: a form of more parts than any request has is not read to its end', () => {
  const part = '--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nm\r\n';
  const formOfParts = (parts: number) => new TextEncoder().encode(`${part.repeat(parts)}--x--\r\n`);
  const type = 'multipart/form-data; boundary=x';
  expect(scan(type, formOfParts(4096))).toMatchObject({ model: 'm' });
  expect(scan(type, formOfParts(4097))).toBe('too-many-parts');
});

test('a form with two models says so: services take the first, or the last', async () => {
  const { type, bytes } = await formOf([
    ['model', 'a'],
    ['prompt', 'x'],
    ['model', 'b'],
  ]);
  expect(scanForm(type, bytes)).toMatchObject({ model: 'a', doubled: 'model' });
});

test.each(['Model', 'MODEL', 'model[]', 'model[0]', ' model', 'model.', '%6dodel', '[model]'])(
  'M2: a field %p beside the model is one that some services take for it',
  (name) => {
    const text = `${part.slice(0, -7)}--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\nx\r\n--b--\r\n`;
    expect(scanForm('multipart/form-data; boundary=b', new TextEncoder().encode(text))?.lookalike).toBe(name);
  },
);

test('M2: so is a file of that name', async () => {
  const { type, bytes } = await formOf([
    ['model', 'a'],
    ['model', new File(['b'], '')],
  ]);
  expect(scanForm(type, bytes)).toMatchObject({ model: 'a', lookalike: 'model' });
});
