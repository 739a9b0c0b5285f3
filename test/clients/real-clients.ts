/**
 * Command-line clients, as people use them, each asking one question through the gateway over every upstream
 * protocol; the sandbox answers. They are installed one after the other into a temporary folder outside the project
 * (over a gigabyte together, gone afterwards), with a HOME of their own, and reach nothing but this computer.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Sandbox } from '../../sandbox/start.ts';
import { protocols } from '../../src/protocols/model.ts';
import { clientKey, modelOver } from '../gateway-harness.ts';
import type { Line } from './client-table.ts';
import { askConnected } from './connected-clients.ts';
import { runLimit, sealedRun } from './isolated-run.ts';
import { type RealClient, realClients, type Way } from './real-client-list.ts';

/** What the sandbox says to {@link prompt}. */
const expected = 'Hello from the sandbox!';
const prompt = 'say hi';
const installLimit = 600_000;

/** Asks with every client that `wanted` chooses. */
export async function askRealClients(
  url: string,
  sandbox: Sandbox,
  wanted: (name: string) => boolean,
): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cli-proxy-api-clients-'));
  const lines: Line[] = [];
  try {
    for (const client of realClients.filter(({ name }) => wanted(name))) {
      const home = join(folder, 'home');
      const place = join(folder, client.program);
      console.log(`${client.name}: installing ${client.install}`);
      const name = `${client.name} ${await install(client, place)}`;
      for (const upstream of protocols) {
        const started = performance.now();
        const way = { url, key: clientKey, model: modelOver[upstream], prompt };
        const problem = (await ask(client, place, home, way, sandbox)) ?? null;
        const seconds = (performance.now() - started) / 1000;
        lines.push({ client: name, feature: 'text', upstream, problem, seconds });
      }
      if (client.connected.stops !== undefined)
        await sealedRun([join(place, 'node_modules/.bin', client.program), ...client.connected.stops], home, {
          PATH: process.env.PATH,
          HOME: home,
        });
      lines.push(...(await askConnected(client.connected, join(place, 'node_modules/.bin'), name)));
      rmSync(place, { recursive: true, force: true });
      rmSync(home, { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return lines;
}

/** Installs the client; gives its version. */
async function install({ install: wantedPackage }: RealClient, place: string): Promise<string> {
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{"private":true}');
  const npm = Bun.spawn(['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', wantedPackage], {
    cwd: place,
    stdout: 'ignore',
    stderr: 'inherit',
    timeout: installLimit,
  });
  if ((await npm.exited) !== 0) throw new Error(`npm could not install ${wantedPackage}`);
  const name = wantedPackage.slice(0, wantedPackage.lastIndexOf('@'));
  const { version }: { version: string } = await Bun.file(
    join(place, 'node_modules', name, 'package.json'),
  ).json();
  return version;
}

/** Asks the question; tells what was wrong with the answer, or undefined. */
async function ask(
  client: RealClient,
  place: string,
  home: string,
  way: Way,
  sandbox: Sandbox,
): Promise<string | undefined> {
  const work = join(home, 'work');
  mkdirSync(work, { recursive: true });
  for (const [path, text] of Object.entries(client.files?.(way) ?? {})) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  sandbox.reset();
  const command = [join(place, 'node_modules/.bin', client.program), ...client.args(way)];
  const env = { PATH: process.env.PATH, HOME: home, ...client.env?.(way) };
  const { out, code, stopped, printed } = await sealedRun(command, work, env);
  const statuses = sandbox.requests.map(({ path, status }) => `${path} ${status}`);
  const facts = `\n  upstream: ${statuses.join(', ')}${printed}`;
  if (stopped) return `no end after ${runLimit / 1000} s${facts}`;
  if (code !== 0) return `exit code ${code}${facts}`;
  if (!out.includes(expected)) return `the answer is missing${facts}`;
  const refused = sandbox.requests.filter(({ status }) => status !== 200);
  return refused.length === 0 ? undefined : `the upstream refused ${refused.length} requests${facts}`;
}
