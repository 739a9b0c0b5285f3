/** A listener over TLS with a certificate that nobody vouches for. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SelfSigned extends Disposable {
  url: string;
  /** Requests that got through to it. */
  asked(): number;
}

const secrets = makeSecrets();

export function selfSigned(): SelfSigned {
  let asked = 0;
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls: secrets,
    fetch() {
      asked += 1;
      return new Response('{}');
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ''),
    asked: () => asked,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

function makeSecrets(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'self-signed-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const options = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  const run = Bun.spawnSync([
    'openssl',
    'req',
    ...options.split(' '),
    ...names,
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return made;
}
