import { expect, test } from 'bun:test';
import { Failure } from '../failure.ts';
import { fromPeerFlags } from './peer-flags.ts';

test.each([
  [['-login'], ['auth', 'gemini']],
  [
    ['-login', '-project_id', 'my-project'],
    ['auth', 'gemini', '--project', 'my-project'],
  ],
  [
    ['--login', '--project_id=ALL'],
    ['auth', 'gemini', '--project=ALL'],
  ],
  [
    ['-claude-login', '-no-browser'],
    ['auth', 'claude', '--no-browser'],
  ],
  [
    ['-no-browser', '-codex-login', '-oauth-callback-port', '9000'],
    ['auth', 'codex', '--no-browser', '--callback-port', '9000'],
  ],
  [['-codex-device-login'], ['auth', 'codex', '--device']],
  [['-qwen-login'], ['auth', 'qwen']],
  [['-iflow-login'], ['auth', 'iflow']],
  [['-iflow-cookie'], ['auth', 'iflow', '--cookie']],
  [['-antigravity-login'], ['auth', 'antigravity']],
  [['-kimi-login'], ['auth', 'kimi']],
  [['-xai-login'], ['auth', 'xai']],
  [
    ['-config', 'my.yaml', '-claude-login'],
    ['auth', 'claude', '-config', 'my.yaml'],
  ],
  [
    ['-vertex-import', 'key.json'],
    ['auth', 'vertex', '--file', 'key.json'],
  ],
  [
    ['-vertex-import=key.json', '-vertex-import-prefix', 'work'],
    ['auth', 'vertex', '--file', 'key.json', '--prefix', 'work'],
  ],
])('%p means %p', (peer, ours) => {
  expect(fromPeerFlags(peer)).toEqual(ours);
});

test.each([[[]], [['-config', 'my.yaml']], [['serve', '-login']], [['--constructor']]])(
  '%p asks for no login',
  (args) => {
    expect(fromPeerFlags(args)).toBeUndefined();
  },
);

test('two logins at once are refused', () => {
  expect(() => fromPeerFlags(['-login', '-claude-login'])).toThrow(
    new Failure('usage', '-login and -claude-login are two logins'),
  );
});
