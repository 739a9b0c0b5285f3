/** `debug` and `log` of a config that is edited while the gateway runs. */
import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { emptyDirectory, type Serving, save, serving } from './program.ts';

/** A gateway whose one model speaks another protocol than who asks here, so that each request is translated. */
async function editedGateway() {
  const here = emptyDirectory();
  const upstream = startUpstream(() => chatAnswer('fine'));
  const file = join(here.path, 'config.yaml');
  const config = (settings: string): string => `${settings}
auth-dir: ${join(here.path, 'accounts')}
api-keys: [the-key]
openai-compatibility:
  - { name: local, base-url: "${upstream.url}/v1", models: [{ name: m }] }
`;
  save(file, config(''));
  const server = await serving(['--port', '0'], { cwd: here.path });
  const countOf = (words: string): number => server.output().split(words).length - 1;
  /** Saves the config with these settings, and waits until the log says so often more what became of it. */
  const edit = async (settings: string, words: string): Promise<void> => {
    const before = countOf(words);
    save(file, config(settings));
    await eventually(() => countOf(words) > before);
  };
  return {
    server,
    saved: (settings: string) => edit(settings, 'config reloaded'),
    refused: (settings: string) => edit(settings, 'the one before stays in force'),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      upstream[Symbol.dispose]();
      here[Symbol.dispose]();
    },
  };
}

/** Asks, and gives the request's id. */
async function ask({ url }: Serving): Promise<string> {
  const answer = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'the-key', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  return answer.headers.get('x-request-id') ?? '';
}

/** A line of the log: what it is about, in which format it is, and all of it. */
interface Line {
  kind: 'request' | 'translated' | 'other';
  format: 'json' | 'pretty';
  text: string;
}

/** All lines so far; throws at one that is not whole. */
function logLines(server: Serving): Line[] {
  const whole = server.answer().slice(0, server.answer().lastIndexOf('\n') + 1);
  return whole.split('\n').slice(0, -1).map(lineOf);
}

function lineOf(text: string): Line {
  if (text.startsWith('{')) {
    const { msg }: { msg: string } = JSON.parse(text);
    return { kind: msg === 'request' || msg === 'translated' ? msg : 'other', format: 'json', text };
  }
  const [, word, message] = /^\d\d:\d\d:\d\d\.\d{3}Z (\d{3}|debug|info|warn|error) +(\S.*)$/.exec(text) ?? [];
  if (word === undefined) throw new Error(`not a line of the log: ${text}`);
  if (/\d/.test(word)) return { kind: 'request', format: 'pretty', text };
  return { kind: message?.startsWith('translated ') ? 'translated' : 'other', format: 'pretty', text };
}

/** Asks once, and gives what the log says of it, as `format kind`. */
async function linesOfOne(server: Serving): Promise<string[]> {
  const id = await ask(server);
  const own = () => logLines(server).filter(({ text }) => text.includes(id));
  await eventually(() => own().some(({ kind }) => kind === 'request'));
  return own().map(({ kind, format }) => `${format} ${kind}`);
}

describe('while the gateway runs', () => {
  test('debug and log.format hold as soon as they are saved, and a broken edit leaves them as they are', async () => {
    await using gateway = await editedGateway();
    const { server } = gateway;
    expect(await linesOfOne(server)).toEqual(['json request']);

    await gateway.saved('debug: true');
    expect(await linesOfOne(server)).toEqual(['json translated', 'json request']);

    await gateway.saved('debug: true\nlog: { format: pretty }');
    expect(await linesOfOne(server)).toEqual(['pretty translated', 'pretty request']);

    await gateway.refused('debug: perhaps\nlog: { format: json }');
    expect(await linesOfOne(server)).toEqual(['pretty translated', 'pretty request']);

    await gateway.refused('debug: false\nlog: { format: xml }');
    expect(await linesOfOne(server)).toEqual(['pretty translated', 'pretty request']);

    await gateway.saved('debug: false');
    expect(await linesOfOne(server)).toEqual(['json request']);
    expect(server.output()).not.toContain('changes at the next start');
  });

  test('edits under load cost no request and no line of the log, and no line is torn', async () => {
    await using gateway = await editedGateway();
    const { server } = gateway;
    const asked: string[] = [];
    let running = true;
    const load = Array.from({ length: 4 }, async () => {
      while (running) asked.push(await ask(server));
    });
    for (const settings of [
      'log: { format: pretty }',
      'debug: true',
      'debug: true\nlog: { format: pretty }',
      '',
    ]) {
      await gateway.saved(settings);
      const enough = asked.length + 20;
      await eventually(() => asked.length > enough);
    }
    running = false;
    await Promise.all(load);
    expect(await server.end('SIGTERM')).toBe(0);

    const requests = logLines(server).filter(({ kind }) => kind === 'request');
    const told = requests.map(({ text }) => asked.find((id) => text.includes(id)));
    expect(told.toSorted()).toEqual(asked.toSorted());
    expect(new Set(requests.map(({ format }) => format))).toEqual(new Set(['json', 'pretty']));
  });

  test('only host, port and tls wait for the next start, and the log says which', async () => {
    await using gateway = await editedGateway();
    await gateway.saved('debug: true\nlog: { format: json }\nhost: localhost\ntls: { cert: none.pem }');
    const waiting = [...gateway.server.output().matchAll(/"msg":"(\S+) changes at the next start"/g)];
    expect(waiting.map(([, key]) => key)).toEqual(['host', 'tls']);
  });
});
