/** Proxies on loopback that others have written, and ones that fail in each way that proxies fail. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createListener, type Server as Listener } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createSocks5 } from '@pondwader/socks5-server';
import { Server as HttpProxy } from 'proxy-chain';
import { freePort } from './free-port.ts';

/** Of this computer, by name and address; whoever trusts `cert` trusts its servers. */
export const certificate = makeCertificate();

/** The login that every proxy here wants. */
export const login = { user: 'ann', password: 'pass:word' };

export const schemes = ['http', 'https', 'socks5', 'socks5h', 'socks4', 'socks4a'] as const;
export type Scheme = (typeof schemes)[number];

export interface ProxyServers {
  /** The address of a proxy that works. */
  good: Record<Scheme, string>;
  /** The same with another password; SOCKS4 has none, and another user there. */
  wrongPassword: Record<Scheme, string>;
  /** Where nothing listens. */
  dead: Record<Scheme, string>;
  /** Accepts connections and says nothing. */
  silent: Record<Scheme, string>;
  /** Connections that the silent one has. */
  waiting: () => number;
  close(): Promise<void>;
}

export async function startProxies(): Promise<ProxyServers> {
  const proof = ({ username, password }: { username: string; password: string }) => ({
    requestAuthentication: username !== login.user || password !== login.password,
  });
  const http = new HttpProxy({ host: '127.0.0.1', port: 0, prepareRequestFunction: proof });
  const https = new HttpProxy({
    host: '127.0.0.1',
    port: 0,
    serverType: 'https',
    httpsOptions: certificate,
    prepareRequestFunction: proof,
  });
  await Promise.all([http.listen(), https.listen()]);
  const socks5 = createSocks5({ auth: { username: login.user, password: login.password } });
  const socks5Port = freePort();
  await new Promise<void>((resolve) => void socks5.listen(socks5Port, '127.0.0.1', resolve));
  const socks4 = await listening(socks4Listener());
  let waiting = 0;
  const silent = await listening(
    createListener((socket) => {
      waiting += 1;
      socket.on('error', () => {});
      socket.on('close', () => {
        waiting -= 1;
      });
      socket.resume();
    }),
  );
  const closed = freePort();
  const addresses = (portOf: (scheme: Scheme) => number, password: string) =>
    mapped((scheme) => {
      const user = scheme.startsWith('socks4') && password !== login.password ? 'eve' : login.user;
      const host = scheme === 'https' ? 'localhost' : '127.0.0.1';
      return `${scheme}://${user}:${encodeURIComponent(password)}@${host}:${portOf(scheme)}`;
    });
  const ports: Record<Scheme, number> = {
    http: http.port,
    https: https.port,
    socks5: socks5Port,
    socks5h: socks5Port,
    socks4: socks4.port,
    socks4a: socks4.port,
  };
  return {
    good: addresses((scheme) => ports[scheme], login.password),
    wrongPassword: addresses((scheme) => ports[scheme], 'wrong'),
    dead: addresses(() => closed, login.password),
    silent: addresses(() => silent.port, login.password),
    waiting: () => waiting,
    async close() {
      await Promise.all([http.close(true), https.close(true)]);
      socks5.close();
      socks4.close();
      silent.close();
    },
  };
}

function mapped<Value>(value: (scheme: Scheme) => Value): Record<Scheme, Value> {
  const [http, https, socks5, socks5h, socks4, socks4a] = schemes;
  return {
    [http]: value(http),
    [https]: value(https),
    [socks5]: value(socks5),
    [socks5h]: value(socks5h),
    [socks4]: value(socks4),
    [socks4a]: value(socks4a),
  };
}

async function listening(server: Listener): Promise<{ port: number; close: () => void }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: portOf(server), close: () => void server.close() };
}

function portOf(server: Listener): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** SOCKS4 and SOCKS4A by the book: the user is all that it knows of whoever asks. */
function socks4Listener(): Listener {
  return createListener((client) => {
    client.on('error', () => {});
    client.once('data', (request: Buffer) => {
      const userEnd = request.indexOf(0, 8);
      const user = request.toString('latin1', 8, userEnd);
      const byName = request[4] === 0 && request[5] === 0 && request[6] === 0;
      const host = byName
        ? request.toString('latin1', userEnd + 1, request.indexOf(0, userEnd + 1))
        : request.subarray(4, 8).join('.');
      if (request[0] !== 4 || user !== login.user) {
        client.end(Uint8Array.of(0, 93, 0, 0, 0, 0, 0, 0));
        return;
      }
      const upstream = Bun.connect({
        hostname: host,
        port: request.readUInt16BE(2),
        socket: {
          open(socket) {
            client.write(Uint8Array.of(0, 90, 0, 0, 0, 0, 0, 0));
            client.on('data', (bytes) => void socket.write(bytes));
            client.on('close', () => socket.end());
          },
          data: (_, bytes) => void client.write(Buffer.from(bytes)),
          close: () => void client.end(),
        },
      });
      upstream.catch(() => client.end(Uint8Array.of(0, 91, 0, 0, 0, 0, 0, 0)));
    });
  });
}

function makeCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const options = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  const run = Bun.spawnSync([
    ...['openssl', 'req', ...options.split(' ')],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert],
  ]);
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return made;
}
