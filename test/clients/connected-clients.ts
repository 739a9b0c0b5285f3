/**
 * The real programs by `run` and `connect`: as a person uses them on a gateway of his own, whose sandbox answers. `connect` is
 * tried in an empty home and beside settings that are there, and `--undo` has to leave both to the byte.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clients } from '../../src/clients/registry.ts';
import { program, type Serving, serving } from '../cli/program.ts';
import type { Line } from './client-table.ts';
import { sealedRun } from './isolated-run.ts';

/** A program as `run` and `connect` know it. */
export interface ConnectedClient {
  /** Its name there. */
  name: string;
  /** Its own arguments for one question. */
  args(prompt: string): string[];
  /** Its own arguments that end what it leaves running in the background. */
  stops?: readonly string[];
  /** Its settings as a person may have them: path below HOME, and text. */
  settings: { path: string; text: string };
}

const prompt = 'say hi';
/** What the sandbox says to it. */
const expected = 'Hello from the sandbox!';
const config = 'host: 127.0.0.1\nport: 0\nsandbox: true\nauth-dir: accounts\napi-keys:\n  - the-key # mine\n';

/** `directory`: where its program is; `shown`: its name and version. */
export async function askConnected(
  client: ConnectedClient,
  directory: string,
  shown: string,
): Promise<Line[]> {
  const upstream = clients.find(({ name }) => name === client.name)?.protocol;
  if (upstream === undefined) throw new Error(`"connect" does not know ${client.name}`);
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-connected-'));
  writeFileSync(join(folder, 'config.yaml'), config);
  const gateway = await serving(['serve'], { cwd: folder });
  const lines: Line[] = [];
  try {
    const home = (name: string) => ({ client, directory, gateway, folder, path: join(folder, name) });
    for (const [feature, place, ask] of [
      ['run', home('run'), runs],
      ['connect', home('new'), (at: Home) => connects(at, undefined)],
      ['connect beside settings', home('own'), (at: Home) => connects(at, client.settings.text)],
    ] as const) {
      const started = performance.now();
      const problem = (await ask(place)) ?? null;
      if (client.stops !== undefined) await ended(place, [join(directory, client.name), ...client.stops], '');
      lines.push({
        client: shown,
        feature,
        upstream,
        problem,
        seconds: (performance.now() - started) / 1000,
      });
    }
  } finally {
    await gateway[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

interface Home {
  client: ConnectedClient;
  /** Where the program is. */
  directory: string;
  gateway: Serving;
  folder: string;
  path: string;
}

/** What is wrong, or undefined. */
async function runs(home: Home): Promise<string | undefined> {
  const asked = await ended(home, [program, 'run', home.client.name, '--', ...home.client.args(prompt)]);
  if (!asked.fine) return asked.facts;
  return readConfig(home) === config ? undefined : '"run" has changed the config';
}

async function connects(home: Home, before: string | undefined): Promise<string | undefined> {
  const { client, path } = home;
  const file = join(path, client.settings.path);
  if (before !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, before);
  }
  const connected = await ended(home, [program, 'connect', client.name], 'answered');
  if (!connected.fine) return `connect: ${connected.facts}`;
  const asked = await ended(home, [join(home.directory, client.name), ...client.args(prompt)]);
  const undone = await ended(home, [program, 'connect', client.name, '--undo'], '');
  if (!asked.fine) return `after connect: ${asked.facts}`;
  if (!undone.fine) return `undo: ${undone.facts}`;
  const after = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (after !== before) return `${client.settings.path} is not as it was: ${after ?? 'it is gone'}`;
  return readConfig(home) === config ? undefined : `the config is not as it was: ${readConfig(home)}`;
}

function readConfig({ folder }: Home): string {
  return readFileSync(join(folder, 'config.yaml'), 'utf8');
}

async function ended(
  { directory, folder, path }: Home,
  command: string[],
  wanted = expected,
): Promise<{ fine: boolean; facts: string }> {
  mkdirSync(join(path, 'work'), { recursive: true });
  const { out, code, printed } = await sealedRun(command, join(path, 'work'), {
    PATH: `${directory}:${process.env.PATH}`,
    HOME: path,
    CLI_PROXY_API_CONFIG: join(folder, 'config.yaml'),
  });
  return { fine: code === 0 && out.includes(wanted), facts: `exit code ${code}${printed}` };
}
