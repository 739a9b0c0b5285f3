import { describe, expect, test } from 'bun:test';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manPage } from '../../scripts/release/man-page.ts';
import { commands } from '../../src/cli/commands.ts';
import { completedCommands, shells } from '../../src/cli/completion/completed-commands.ts';
import { completionScript } from '../../src/cli/completion/scripts.ts';
import { eventually } from '../eventually.ts';
import { installedProgram } from '../installed-program.ts';
import { emptyDirectory, program, run, serving } from './program.ts';

/** A directory with the program on the path, a script of each shell, and a config with names to complete. */
function prepared() {
  const here = emptyDirectory();
  mkdirSync(join(here.path, 'bin'));
  symlinkSync(program, join(here.path, 'bin/cli-proxy-api'));
  for (const shell of shells)
    writeFileSync(join(here.path, `completion.${shell}`), completionScript(shell, commands));
  writeFileSync(
    join(here.path, 'config.yaml'),
    'host: 127.0.0.1\nport: 0\nauth-dir: ./accounts\napi-keys:\n  - key: k\n    name: laptop\nopenai-compatibility:\n  - name: x\n    base-url: http://127.0.0.1:1\n    api-key-entries:\n      - api-key: never-called\n    models:\n      - name: one-model\n',
  );
  const env = { HOME: here.path, PATH: `${here.path}/bin:${process.env.PATH}`, TERM: 'dumb' };
  return { here, env };
}

type Prepared = ReturnType<typeof prepared>;

function output(command: string[], { here, env }: Prepared): string[] {
  const ran = Bun.spawnSync(command, { cwd: here.path, env, stderr: 'pipe' });
  expect(ran.stderr.toString()).toBe('');
  return ran.stdout.toString().split('\n').filter(Boolean);
}

/** What bash offers for these words; the last one is being typed. */
function inBash(words: string[], where: Prepared): string[] {
  const script = `source completion.bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _cli_proxy_api; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return output([installedProgram('bash'), '--norc', '-c', script], where);
}

/** What fish offers for this line. */
function inFish(line: string, where: Prepared): string[] {
  const script = `source completion.fish; complete -C '${line}'`;
  return output([installedProgram('fish'), '--no-config', '-c', script], where).map(
    (row) => row.split('\t')[0] ?? '',
  );
}

/** What zsh shows for this line, typed at a prompt of its own; it has ten seconds to show what is awaited. */
function inZsh(line: string, awaited: string, where: Prepared): string {
  const script = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; autoload -Uz compinit; compinit -u; source completion.zsh; setopt noalwayslastprompt nolistbeep; LISTMAX=999; zstyle ":completion:*" list-prompt ""; print rea''dy'
while zpty -r z got; do [[ $got == *ready* ]] && [[ $got != *print* ]] && break; done
sleep 0.5
zpty -n -w z $'${line}\\t\\t'
all=
repeat 50; do
  while zpty -rt z got; do all+=$got; done
  [[ $all == *${awaited}* ]] && break
  sleep 0.2
done
print -r -- "$all"
zpty -d z`;
  return output([installedProgram('zsh'), '-f', '-c', script], where).join('\n');
}

describe.each([
  { name: 'bash', offered: (line: string, where: Prepared) => inBash(line.split(' '), where) },
  { name: 'fish', offered: inFish },
])('$name offers', ({ offered }) => {
  test('commands, members of a group, options and words', () => {
    const where = prepared();
    using _ = where.here;
    expect(offered('cli-proxy-api se', where)).toEqual(expect.arrayContaining(['serve', 'service']));
    expect(offered('cli-proxy-api auth li', where)).toEqual(['list']);
    expect(offered('cli-proxy-api auth list --j', where)).toEqual(['--json']);
    expect(offered('cli-proxy-api serve --p', where)).toEqual(
      expect.arrayContaining(['--port', '--password']),
    );
    expect(offered('cli-proxy-api completion z', where)).toEqual(['zsh']);
    expect(offered('cli-proxy-api serve --config conf', where)).toEqual(['config.yaml']);
    // One of a few, as help shows them.
    expect(offered('cli-proxy-api import c', where)).toEqual(
      expect.arrayContaining(['cliproxyapi', 'claude-code-router', 'codex', 'claude']),
    );
    expect(offered('cli-proxy-api import --secrets e', where)).toEqual(['env']);
    expect(offered('cli-proxy-api connect op', where)).toContain('opencode');
    expect(offered('cli-proxy-api usage 7', where)).toEqual(['7d']);
    expect(offered('cli-proxy-api service print --for l', where)).toEqual(['launchd']);
    // Editors are connected, and nobody starts them by "run".
    expect(offered('cli-proxy-api connect c', where)).toContain('cursor');
    expect(offered('cli-proxy-api run c', where).sort()).toEqual(['claude', 'cline', 'codex']);
  });

  test('names: client keys of the config, models of the running gateway', async () => {
    const where = prepared();
    using _ = where.here;
    expect(offered('cli-proxy-api explain --key la', where)).toEqual(['laptop']);
    expect(offered('cli-proxy-api explain --model o', where)).toEqual([]);
    await using server = await serving(['serve'], { cwd: where.here.path });
    expect(server.url).toContain('127.0.0.1');
    // A gateway that is slow to say it is passed over: here it may be, so it is asked again.
    await eventually(() => offered('cli-proxy-api explain --model o', where).includes('one-model'));
  });
});

test('zsh offers commands, options and what stands for them, at a prompt', () => {
  const where = prepared();
  using _ = where.here;
  expect(inZsh('cli-proxy-api service ', 'uninstall', where)).toContain('uninstall');
  expect(inZsh('cli-proxy-api serve --', '--password', where)).toContain('--password');
  expect(inZsh('cli-proxy-api explain --key la', 'laptop', where)).toContain('laptop');
});

test.each(['bash', 'zsh', 'fish'])('%s finds no fault in the syntax of its script', (shell) => {
  const where = prepared();
  using _ = where.here;
  expect(output([installedProgram(shell), '-n', `completion.${shell}`], where)).toEqual([]);
});

test('the key that an update is verified with is none of the client keys', () => {
  const update = completedCommands(commands).find(({ name }) => name === 'update');
  expect(update?.options.find(({ name }) => name === 'key')?.values).toBe('none');
});

test('the script of PowerShell has each command and each option, quotes doubled', () => {
  const script = completionScript('powershell', commands);
  for (const { name, options } of commands) {
    expect(script).toContain(`'${name}' = @{`);
    for (const option of Object.keys(options)) expect(script).toContain(`'--${option}' = '`);
  }
});

test('completion of an unknown shell ends with 2 and names the known ones', async () => {
  using here = emptyDirectory();
  const { code, err } = await run(['completion', 'tcsh'], { cwd: here.path });
  expect(code).toBe(2);
  expect(err).toContain('bash, zsh, fish, powershell');
});

test('a look-up without a config, or of an unknown kind, prints nothing and is no error', async () => {
  using here = emptyDirectory();
  for (const kind of ['models', 'accounts', 'keys', 'moods'])
    expect(await run(['__complete', kind], { cwd: here.path })).toEqual({ out: '', err: '', code: 0 });
});

test('the manual page has each command and option, and man finds no fault in it', () => {
  const page = manPage(commands);
  for (const { name, options } of commands) {
    expect(page).toContain(`\n.Ss ${name}`);
    for (const option of Object.keys(options)) expect(page).toContain(`Fl -${option}`);
  }
  const man = [installedProgram('man'), '--warnings', '-l', '-'];
  const env = { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80' };
  const ran = Bun.spawnSync(man, { stdin: Buffer.from(page), env });
  expect(ran.stderr.toString()).toBe('');
  const shown = ran.stdout.toString();
  expect(shown).toContain('EXIT STATUS');
  // Sentences are filled to the width; what is indented is to be pasted, and stays as it is.
  const columns = shown.split('\n').filter((line) => /^ {5}\S/.test(line));
  expect(Math.max(...columns.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(shown).toContain('\n       source <(cli-proxy-api completion bash)  ');
});
