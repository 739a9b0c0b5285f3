import { expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, run } from './program.ts';

const request = {
  model: 'claude-opus-4-6',
  max_tokens: 100,
  top_k: 4,
  messages: [{ role: 'user', content: 'Hello' }],
};
const toChat = ['translate', '--from', 'anthropic', '--to', 'chat'];

test('translate shows the upstream body on stdout and what is lost on stderr, from a pipe and from a file', async () => {
  using here = emptyDirectory();
  const input = JSON.stringify(request);
  const piped = await run(toChat, { cwd: here.path, input });
  expect(JSON.parse(piped.out)).toMatchObject({
    model: 'claude-opus-4-6',
    messages: [{ role: 'user', content: 'Hello' }],
  });
  expect(piped.out).not.toContain('top_k');
  expect(piped.err).toMatch(/^What changes on the way:\n {2}dropped {2}top_k {2}\S/);
  expect(piped.code).toBe(0);
  writeFileSync(join(here.path, 'request.json'), input);
  expect(await run([...toChat, 'request.json'], { cwd: here.path })).toEqual(piped);
});

test('translate --json is one object with body and losses, and nothing on stderr', async () => {
  using here = emptyDirectory();
  const options = ['--json', '--stream', '--model', 'gpt-5.2(high)'];
  const { out, err, code } = await run([...toChat, ...options], {
    cwd: here.path,
    input: JSON.stringify(request),
  });
  expect({ err, code }).toEqual({ err: '', code: 0 });
  expect(JSON.parse(out)).toMatchObject({
    body: { model: 'gpt-5.2', stream: true, reasoning_effort: 'high' },
    losses: [{ kind: 'dropped', field: 'top_k', detail: expect.any(String) }],
  });
});

const mistakes: { args: string[]; input: string; says: string; code: number }[] = [
  {
    args: ['--from', 'chat', '--to', 'gemini'],
    input: '{"model":"m","messages":3}',
    says: 'messages: expected an array, found the number 3',
    code: 1,
  },
  {
    args: ['--from', 'chat', '--to', 'gemini'],
    input: '{"model":',
    says: 'The request body is not valid JSON',
    code: 1,
  },
  {
    args: ['--from', 'gemini', '--to', 'chat'],
    input: '{"contents":[]}',
    says: 'model: expected the name of a model',
    code: 1,
  },
  ...(
    [
      ['{"model":"a","model":"b","messages":[]}', 'model: the field is sent twice'],
      ['{"model":"a","messages":[],"mess\\u0061ges":[]}', 'messages: the field is sent twice'],
      ['{"model":"a","Model":"b","messages":[]}', 'Model: there is "model" beside it'],
      [`{"model":"a","messages":${'['.repeat(3000)}${']'.repeat(3000)}}`, 'is nested deeper than'],
      [`{"model":"${'m'.repeat(120_000)}","messages":[]}`, 'is longer than'],
    ] as const
  ).map(([input, says]) => ({ args: ['--from', 'chat', '--to', 'gemini'], input, says, code: 1 })),
  {
    args: ['--from', 'gemini', '--to', 'chat', '--model', 'm'],
    input: '{"contents":[],"contents":[]}',
    says: 'contents: the field is sent twice',
    code: 1,
  },
  { args: ['--from', 'chat', '--to', 'gemini', 'none.json'], input: '', says: 'none.json', code: 1 },
  { args: ['--from', 'chat', '--to', 'gemni'], input: '{}', says: 'Did you mean gemini?', code: 2 },
  { args: ['--from', 'chat'], input: '{}', says: '--to is missing', code: 2 },
];
test.each(mistakes)('translate $args: $says, ends with $code and says what is wrong', async (mistake) => {
  using here = emptyDirectory();
  const { out, err, code } = await run(['translate', ...mistake.args], {
    cwd: here.path,
    input: mistake.input,
  });
  expect({ out, code }).toEqual({ out: '', code: mistake.code });
  expect(err).toContain(mistake.says);
  expect(err).not.toContain('defect');
});
