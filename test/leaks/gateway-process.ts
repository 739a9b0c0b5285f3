/** The gateway as a process of its own, so that its memory is its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { emptyDirectory, program } from '../cli/program.ts';
import { clientKey } from '../gateway-harness.ts';

export interface GatewayProcess extends AsyncDisposable {
  url: string;
  /** Resident memory in bytes. */
  memory(): number;
}

/** Starts `serve` with these settings and waits until it answers. */
export async function startGatewayProcess(settings: JsonObject): Promise<GatewayProcess> {
  const folder = emptyDirectory();
  const file = join(folder.path, 'config.yaml');
  writeFileSync(file, JSON.stringify({ host: '127.0.0.1', port: 0, 'api-keys': [clientKey], ...settings }));
  const child = Bun.spawn([program, 'serve', '--config', file], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, HOME: folder.path, NO_COLOR: '1' },
    stdin: 'ignore',
    // Its request lines, which would fill a pipe that nobody reads.
    stdout: 'ignore',
    stderr: 'pipe',
  });
  return {
    url: await addressIn(child.stderr),
    memory: () => residentBytes(child.pid),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child.exited;
      folder[Symbol.dispose]();
    },
  };
}

async function addressIn(output: ReadableStream<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of output) {
    text += new TextDecoder().decode(chunk);
    const address = /https?:\/\/[\w.[\]:]+:\d+(?=\s)/.exec(text)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`the gateway ended without an address: ${text}`);
}

function residentBytes(pid: number): number {
  const { stdout } = Bun.spawnSync(['ps', '-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.toString()) * 1024;
}
