/** What a gateway writes to may be closed or full: answers go on, and are finished. */
import { expect, test } from 'bun:test';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, program, run } from '../cli/program.ts';
import { eventually } from '../eventually.ts';
import { post } from '../gateway/calls.ts';
import { eventStream, startUpstream } from '../gateway/upstream.ts';
import { clientKey, oneUpstream } from '../gateway-harness.ts';

const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;

/** A stream whose end comes when it is let. */
function slowUpstream() {
  const released = Promise.withResolvers<void>();
  const upstream = startUpstream(() =>
    eventStream(
      new ReadableStream({
        async start(controller) {
          const write = (text: string): void => controller.enqueue(new TextEncoder().encode(text));
          write(chunk('begun'));
          await released.promise;
          write(`${chunk('', 'stop')}data: [DONE]\n\n`);
          controller.close();
        },
      }),
    ),
  );
  return { upstream, release: released.resolve };
}

function configAt(folder: string, url: string): string {
  const file = join(folder, 'config.yaml');
  const settings = { port: 0, 'auth-dir': 'accounts', 'api-keys': [clientKey] };
  writeFileSync(file, JSON.stringify({ ...settings, ...oneUpstream('openai-chat', url, [{ name: 'm' }]) }));
  return file;
}

const asked = { model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] };
const environment = (home: string) => ({ PATH: process.env.PATH ?? '', HOME: home, NO_COLOR: '1' });

test('M13: a terminal that is closed for good cuts no answer, however often it says so', async () => {
  using here = emptyDirectory();
  const { upstream, release } = slowUpstream();
  let shown = '';
  await using child = Bun.spawn([program, 'serve', '--config', configAt(here.path, upstream.url)], {
    cwd: here.path,
    env: environment(here.path),
    terminal: {
      data(_, bytes) {
        shown += new TextDecoder().decode(bytes);
      },
    },
  });
  await eventually(() => /http:\/\/127\.0\.0\.1:\d+/.test(shown));
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(shown) ?? [];
  const response = await post(`${url}/v1/chat/completions`, asked);
  child.terminal?.close();
  // The shell that has started it says it, too.
  child.kill('SIGHUP');
  await eventually(async () => (await fetch(url).catch(() => undefined)) === undefined);
  child.kill('SIGHUP');
  release();
  expect(await response.text()).toContain('[DONE]');
  expect(await child.exited).toBe(0);
  upstream[Symbol.dispose]();
}, 120_000);

test.if(existsSync('/dev/full'))(
  'L: a log that cannot be written on a full disk ends no gateway',
  async () => {
    using here = emptyDirectory();
    const { upstream, release } = slowUpstream();
    release();
    await using child = Bun.spawn([program, 'serve', '--config', configAt(here.path, upstream.url)], {
      cwd: here.path,
      env: environment(here.path),
      stdout: Bun.file('/dev/full'),
      stderr: 'pipe',
    });
    let said = '';
    const reading = (async () => {
      for await (const bytes of child.stderr) said += new TextDecoder().decode(bytes);
    })();
    await eventually(() => /http:\/\/127\.0\.0\.1:\d+/.test(said));
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
    // More lines than wait to be written together.
    for (let turn = 0; turn < 100; turn++) {
      const response = await post(`${url}/v1/chat/completions`, asked);
      expect(await response.text()).toContain('[DONE]');
    }
    expect((await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(
      401,
    );
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    await reading;
    upstream[Symbol.dispose]();
  },
  120_000,
);

test.if(existsSync('/dev/full'))(
  'a command whose answer cannot be written has failed',
  async () => {
    using here = emptyDirectory();
    const child = Bun.spawn([program, 'version'], {
      env: environment(here.path),
      stdout: Bun.file('/dev/full'),
      stderr: 'pipe',
    });
    expect(await child.exited).toBe(1);
    expect(await child.stderr.text()).toContain('the output cannot be written: ENOSPC');
    // A reader that has seen enough is no failure.
    expect(
      (await run(['-c', `"${program}" help | head -1`], { cwd: here.path, command: '/bin/sh' })).err,
    ).toBe('');
  },
  60_000,
);
