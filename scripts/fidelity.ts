/**
 * Plays recorded provider traffic through the running gateway, every client protocol against every upstream protocol,
 * and counts which facts survive. `--write` puts the tables into docs/internals/translation-tables.md; other arguments go through
 * (`--every 8` for a quick look, `--out FILE` lists every lost fact).
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dir, '..');
const shared = join(root, '../shared');
const page = join(root, 'docs/internals/translation-tables.md');
const begin = '<!-- measured: npm run fidelity -- --write -->';
const end = '<!-- end of measured -->';

const program = join(import.meta.dir, 'fidelity/run.mjs');
const corpus = join(shared, 'corpus');
if (!existsSync(corpus)) {
  console.error(
    `The recordings are not here: ${corpus} does not exist. They lie beside the project in shared/.`,
  );
  process.exit(1);
}

const given = process.argv.slice(2);
const gateway = process.env.CLI_PROXY_API_BIN ?? join(root, 'bin/cli-proxy-api');
// Nothing of this computer's user is served or written to.
const home = mkdtempSync(join(tmpdir(), 'fidelity-'));
const run = Bun.spawn(
  [
    'node',
    program,
    '--cmd',
    `${gateway} serve --config {config}`,
    '--corpus',
    corpus,
    ...given.filter((argument) => argument !== '--write'),
  ],
  { cwd: root, env: { ...process.env, HOME: home }, stdout: 'pipe', stderr: 'inherit' },
);
const report = await new Response(run.stdout).text();
process.stdout.write(report);
const exitCode = await run.exited;
rmSync(home, { recursive: true, force: true });

if (exitCode === 0 && given.includes('--write')) {
  const text = await Bun.file(page).text();
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from)
    throw new Error(`docs/internals/translation-tables.md has lost its markers ${begin} … ${end}`);
  await Bun.write(page, `${text.slice(0, from)}${begin}\n\n${asMarkdown(report)}\n\n${text.slice(to)}`);
}
process.exit(exitCode);

/** The report's tables as they are; its list of lost facts as a code block. */
function asMarkdown(text: string): string {
  return text
    .trim()
    .replace(/^(request|response|error): (facts kept.*)$/gm, '**$1**: $2\n')
    .replace(
      /^by fact:\n((?: {2}.*\n)*)/m,
      (_, list: string) => `What is lost, by fact:\n\n\`\`\`text\n${list}\`\`\`\n`,
    );
}
