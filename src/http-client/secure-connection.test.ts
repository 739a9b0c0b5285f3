import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'secure-connection-'));
afterAll(() => rmSync(folder, { recursive: true }));
const certificate = join(folder, 'cert.pem');

function makeCertificate(names: string | undefined): void {
  const options = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost';
  const run = Bun.spawnSync([
    ...['openssl', 'req', ...options.split(' ')],
    ...(names === undefined ? [] : ['-addext', `subjectAltName=${names}`]),
    ...['-keyout', join(folder, 'key.pem'), '-out', certificate],
  ]);
  if (run.exitCode !== 0) throw new Error(run.stderr.toString());
}

/** A server with a certificate for these names; what a process hears that asks it at both of its addresses, and who asked. */
async function heard(names: string | undefined, environment: Record<string, string>) {
  makeCertificate(names);
  const [key, cert] = await Promise.all([
    Bun.file(join(folder, 'key.pem')).text(),
    Bun.file(certificate).text(),
  ]);
  let connections = 0;
  let received = 0;
  const server = createServer({ key, cert }, async (request, response) => {
    for await (const piece of request) received += piece.length;
    response.end('hello');
  });
  server.on('secureConnection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const script = join(import.meta.dir, 'fixtures/ask-securely.ts');
  const child = Bun.spawn(
    [process.execPath, script, `https://localhost:${port}/x`, `https://127.0.0.1:${port}/x`],
    { env: { ...process.env, ...environment }, stderr: 'inherit' },
  );
  const lines = (await new Response(child.stdout).text()).trim().split('\n');
  server.close();
  return { lines, connections, received };
}

const trusting = { NODE_EXTRA_CA_CERTS: certificate };
const wrongName = 'ERR_TLS_CERT_ALTNAME_INVALID';
/** Its common name is `localhost`: that alone counts for nobody (RFC 9525 §6.3). */
const noName = 'Error: the certificate of the server has no subjectAltName for it';

test('a server whose certificate is trusted and names it is asked, on one connection', async () => {
  const { lines, connections, received } = await heard('DNS:localhost,IP:127.0.0.1', trusting);
  expect(lines).toEqual(['200 hello', '200 hello', '200 hello', '200 hello']);
  expect([connections, received]).toEqual([2, 400_000]);
});

test('a server whose certificate names somebody else gets nothing to read', async () => {
  const name = await heard('DNS:localhost', trusting);
  expect(name.lines).toEqual(['200 hello', '200 hello', wrongName, wrongName]);
  expect(name.received).toBe(200_000);
  const address = await heard('IP:127.0.0.1', trusting);
  expect(address.lines).toEqual([noName, noName, '200 hello', '200 hello']);
  expect(address.received).toBe(200_000);
});

test('a server whose certificate nobody vouches for gets nothing to read', async () => {
  const { lines, received } = await heard('DNS:localhost,IP:127.0.0.1', {});
  expect(lines).toEqual(Array(4).fill('DEPTH_ZERO_SELF_SIGNED_CERT'));
  expect(received).toBe(0);
});

test('a server whose certificate names it only as browsers no longer read it gets nothing to read', async () => {
  const { lines, received } = await heard(undefined, trusting);
  expect(lines.slice(0, 2)).toEqual([noName, noName]);
  expect(received).toBe(0);
});
