/** nginx in front of replicas, set up as docs/scale-out.md says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { installedProgram } from '../installed-program.ts';
import { engineFolder, startEngine } from './engine-process.ts';

export interface Balancer extends AsyncDisposable {
  /** Without a slash at the end. */
  url: string;
}

const shipped = join(import.meta.dir, '../../deploy/scale-out/nginx.conf');

/**
 * Starts nginx with the file that is shipped; other are the addresses, where it may write, and how long it keeps connections
 * `idle`, for replicas that drain more quickly than in production.
 */
export async function startBalancer(
  ports: readonly number[],
  { idle = '3s' }: { idle?: string } = {},
): Promise<Balancer> {
  const executable = installedProgram('nginx', { places: () => ['/usr/sbin/nginx'] });
  const folder = engineFolder();
  const port = freePort();
  const file = join(folder, 'nginx.conf');
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  writeFileSync(
    file,
    (await configuration(port, ports, `${folder}/nginx.pid`, places.join(' '))).replace(
      'keepalive_timeout 3s',
      `keepalive_timeout ${idle}`,
    ),
  );
  const engine = await startEngine({
    ...{ name: 'nginx', port, folder, stopSignal: 'SIGQUIT' },
    // One process and no worker beside it: one that is killed with its test run leaves nothing behind.
    command: [
      ...[executable, '-e', join(folder, 'error.log'), '-c', file],
      ...['-g', 'daemon off; master_process off;'],
    ],
    ready: () =>
      Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } }).then(
        (socket) => {
          socket.end();
          return true;
        },
        () => false,
      ),
  });
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

async function configuration(port: number, replicas: readonly number[], pid: string, places: string) {
  const text = await Bun.file(shipped).text();
  const server = / *server gateway-1:8317 (.*)\n/.exec(text);
  if (server === null) throw new Error(`${shipped} has no server gateway-1:8317`);
  const servers = replicas.map((replica) => `    server 127.0.0.1:${replica} ${server[1]}\n`);
  return text
    .replace(/( *server gateway-\d:8317 .*\n)+/, servers.join(''))
    .replace('listen 8317;', `listen 127.0.0.1:${port};`)
    .replace(/^pid .*$/m, `pid ${pid};`)
    .replace('worker_processes auto;', 'worker_processes 1;')
    .replace('http {', `http { ${places}`);
}
