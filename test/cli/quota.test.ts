/** What accounts have left: the command against a running gateway, after a restart, and against none. */
import { expect, test } from 'bun:test';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { chatAnswer, startUpstream } from '../gateway/upstream.ts';
import { emptyDirectory, run, serving } from './program.ts';

test('quota shows what answers and refusals have told, also after a restart', async () => {
  using folder = emptyDirectory();
  const cwd = folder.path;
  using upstream = startUpstream(({ key }) => {
    if (key === 'first-key-of-the-test')
      return Response.json(
        { error: { message: 'slow down' } },
        { status: 429, headers: { 'retry-after': '600' } },
      );
    const answer = chatAnswer('fine');
    answer.headers.set('x-ratelimit-limit-tokens', '1000');
    answer.headers.set('x-ratelimit-remaining-tokens', '620');
    answer.headers.set('x-ratelimit-reset-tokens', '5h');
    return answer;
  });
  const config: JsonObject = {
    port: 0,
    'auth-dir': join(cwd, 'accounts'),
    'openai-compatibility': [
      {
        name: 'local',
        'base-url': `${upstream.url}/v1`,
        'api-key-entries': [{ 'api-key': 'first-key-of-the-test' }, { 'api-key': 'second-key-of-the-tost' }],
        models: [{ name: 'm' }],
      },
    ],
  };
  writeFileSync(join(cwd, 'config.yaml'), JSON.stringify(config));
  const shown = [
    /local \(…tost\) +\S+ +tokens \(m\) +██████░░░░ +62% +- +resets /,
    /local \(…test\) +\S+ +refusal \(m\) +░░░░░░░░░░ +0% +- +used up; resets /,
  ];
  {
    await using server = await serving(['serve'], { cwd });
    expect((await run(['quota'], { cwd })).out).toContain('No provider has reported a quota yet');
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    await answer.text();
    const { out } = await run(['quota'], { cwd });
    for (const line of shown) expect(out).toMatch(line);
    expect(await server.end('SIGTERM')).toBe(0);
  }
  expect(statSync(join(cwd, 'accounts', '.quotas.json')).mode & 0o777).toBe(0o600);
  {
    await using _again = await serving(['serve'], { cwd });
    const { out } = await run(['quota'], { cwd });
    for (const line of shown) expect(out).toMatch(line);
    const listed: JsonObject = JSON.parse((await run(['quota', '--json', '--history'], { cwd })).out);
    expect(listed).toMatchObject({ quotas: [{}, { left: 0.62, history: [{ left: 0.62 }] }] });
  }
  const stopped = await run(['quota'], { cwd });
  expect(stopped.err).toContain('no gateway runs with the auth-dir');
  expect(stopped.err).toContain('Only a running gateway has quotas.');
});
