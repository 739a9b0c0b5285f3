/** The program with a configuration file of its own, there until the tests of the file are over. */
import { afterAll, beforeAll } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyDirectory, type Running, started } from '../cli/program.ts';

/** The management key that `written` has to name. */
const ownerKey = 'the-owner';

export function servedFile(written: string) {
  const here = emptyDirectory();
  const path = join(here.path, 'config.yaml');
  let gateway: Running;
  let base = '';
  beforeAll(async () => {
    writeFileSync(path, written, { mode: 0o600 });
    gateway = started(['serve', '--config', path], { cwd: here.path });
    base = (await gateway.says(/Serving +(http\S+)/))[1] ?? '';
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    here[Symbol.dispose]();
  });
  return {
    path,
    output: () => gateway.output(),
    /** Asks the management, as its owner. */
    async ask(method: string, where: string, body?: unknown) {
      const address = `${base}/v0/management/${where}`;
      const response = await fetch(address, {
        method,
        headers: { authorization: `Bearer ${ownerKey}` },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { address, response };
    },
  };
}
