/** What is said of the container in text: the files cannot be run where no daemon is. */
import { expect, test } from 'bun:test';
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import manifest from '../../package.json';
import { parseConfig } from '../../src/config/load.ts';
import { drainTime } from '../../src/server/drain.ts';
import { emptyDirectory } from '../cli/program.ts';
import { configOf } from '../gateway-harness.ts';
import { installedProgram } from '../installed-program.ts';

const project = join(import.meta.dir, '../..');
const text = (name: string) => readFileSync(join(project, name), 'utf8');
const chart = 'deploy/helm/cli-proxy-api';

test('the image runs without rights, without a shell, and asks the program for its health', () => {
  const dockerfile = text('Dockerfile');
  expect(dockerfile).toMatch(/^FROM gcr\.io\/distroless\/cc-debian12:nonroot$/m);
  expect(dockerfile).toMatch(/^USER 65532:65532$/m);
  expect(dockerfile).toMatch(/HEALTHCHECK .*CMD \["\/cli-proxy-api", "health"\]/);
  expect(dockerfile).toMatch(/^WORKDIR \/CLIProxyAPI$/m);
  expect(dockerfile).toContain('HOME=/root CLI_PROXY_API_HOME=/data');
});

test('the layout has the places that volumes are mounted at, and nothing else', () => {
  using root = emptyDirectory();
  const made = Bun.spawnSync([
    'sh',
    join(project, 'deploy/container/layout.sh'),
    process.execPath,
    root.path,
  ]);
  expect(made.exitCode).toBe(0);
  const found = readdirSync(root.path, { recursive: true, encoding: 'utf8' }).sort();
  expect(found).toEqual([
    ...[
      'CLIProxyAPI',
      'CLIProxyAPI/CLIProxyAPI',
      'CLIProxyAPI/auths',
      'CLIProxyAPI/logs',
      'cli-proxy-api',
      'data',
    ],
    ...['root', 'root/.cli-proxy-api', 'usr', 'usr/local', 'usr/local/bin', 'usr/local/bin/cli-proxy-api'],
  ]);
  expect(readlinkSync(join(root.path, 'CLIProxyAPI/CLIProxyAPI'))).toBe('/cli-proxy-api');
  expect(lstatSync(join(root.path, 'data')).mode & 0o777).toBe(0o700);
  expect(statSync(join(root.path, 'root')).mode & 0o777).toBe(0o755);
});

test('compose opens the port to this computer alone, on a read-only root without rights', () => {
  const service = parse(text('compose.yaml')).services['cli-proxy-api'];
  expect(service.ports).toEqual(['127.0.0.1:8317:8317']);
  expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], init: false, volumes: ['data:/data'] });
  expect(service.healthcheck.test).toEqual(['CMD', '/cli-proxy-api', 'health']);
});

test('the chart has the version of the program, and its schema knows every value', () => {
  expect(parse(text(`${chart}/Chart.yaml`))).toMatchObject({
    version: manifest.version,
    appVersion: manifest.version,
  });
  const values = parse(text(`${chart}/values.yaml`));
  const schema = JSON.parse(text(`${chart}/values.schema.json`));
  for (const [name, value] of Object.entries<object>(values)) {
    const known = schema.properties[name];
    expect(known).toBeDefined();
    if (known.properties !== undefined && name !== 'config')
      expect(Object.keys(known.properties)).toEqual(expect.arrayContaining(Object.keys(value)));
  }
  expect(schema.then.properties.config.required).toEqual(['cluster']);
});

const scaleOut = 'deploy/scale-out';

test('the values for several replicas are known to the schema, and their config is one that is served', () => {
  const values = parse(text(`${chart}/values-scale-out.yaml`));
  const schema = JSON.parse(text(`${chart}/values.schema.json`));
  expect(Object.keys(values).filter((name) => schema.properties[name] === undefined)).toEqual([]);
  expect(values.replicas).toBe(3);
  const env = {
    CLIENT_KEY: 'sk-client',
    CLI_PROXY_API_POSTGRES: 'postgres://gateway:password@postgres:5432/gateway',
    CLI_PROXY_API_VALKEY: 'redis://valkey:6379',
    CLI_PROXY_API_ENCRYPTION_KEY: 'encryption-key-of-the-tests',
  };
  const served = parseConfig(JSON.stringify(values.config), { file: 'config.yaml', env });
  expect(served).toMatchObject({ ok: true, config: { cluster: { name: 'default' } } });
});

test('compose has three replicas with folders of their own, two engines, and nginx that knows all three', () => {
  const { services, volumes } = parse(text(`${scaleOut}/compose.yaml`), { merge: true });
  const replicas = ['gateway-1', 'gateway-2', 'gateway-3'];
  expect(Object.keys(services)).toEqual([...replicas, 'valkey', 'postgres', 'nginx']);
  for (const name of replicas) {
    expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'], volumes: [`${name}:/data`] });
    expect(services[name].hostname).toBe(name);
    expect(volumes).toHaveProperty(name);
  }
  expect(services.nginx.ports).toEqual(['127.0.0.1:8317:8317']);
  const conf = text(`${scaleOut}/nginx.conf`);
  expect([...conf.matchAll(/server (gateway-\d):8317/g)].map(([, name]) => name)).toEqual(replicas);
});

test('the replicas of compose are stopped later than they drain, and nginx lets go of connections sooner', async () => {
  const { services } = parse(text(`${scaleOut}/compose.yaml`), { merge: true });
  const variables: Record<string, string> = services['gateway-1'].environment;
  using here = emptyDirectory();
  const key = join(here.path, 'encryption-key');
  writeFileSync(key, 'encryption-key-of-the-tests', { mode: 0o600 });
  const written = text(`${scaleOut}/config.yaml`).replace('/run/secrets/encryption-key', key);
  const env = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      value.replace(/\$\{[^}]*\}/, 'value-of-the-tests'),
    ]),
  );
  const served = parseConfig(written, { file: 'config.yaml', env });
  if (!served.ok) throw new Error(JSON.stringify(served.problems));
  const { config } = served;
  expect(config.cluster?.postgres).toBe('postgres://gateway:value-of-the-tests@postgres:5432/gateway');
  const drained = drainTime(config);
  expect(Number.parseInt(services['gateway-1'].stop_grace_period, 10) * 1000).toBeGreaterThan(
    drained + config['shutdown-grace'],
  );
  const idle = /keepalive_timeout (\d+)s;/.exec(text(`${scaleOut}/nginx.conf`))?.[1];
  expect(Number(idle) * 1000).toBeLessThan(drained);
});

test('nginx takes its configuration, and lets bodies through as large as the gateway does', () => {
  using here = emptyDirectory();
  const conf = text(`${scaleOut}/nginx.conf`);
  const file = join(here.path, 'nginx.conf');
  writeFileSync(
    file,
    conf.replaceAll(/server gateway-\d:/g, 'server 127.0.0.1:').replace('/tmp/nginx.pid', `${here.path}/pid`),
  );
  const nginx = installedProgram('nginx', { places: () => ['/usr/sbin/nginx'] });
  const judged = Bun.spawnSync([nginx, '-t', '-e', join(here.path, 'error.log'), '-c', file]);
  expect(judged.stderr.toString()).toContain('test is successful');
  const most = Number(/client_max_body_size (\d+)m;/.exec(conf)?.[1]) * 1024 * 1024;
  expect(most).toBeGreaterThanOrEqual(configOf({}).bounds['request-body']);
});

test('every value that a template reads is in values.yaml', () => {
  // In brackets stands what an owner may leave out.
  const values = parse(text(`${chart}/values.yaml`));
  const templates = readdirSync(join(project, chart, 'templates')).map((name) =>
    text(`${chart}/templates/${name}`),
  );
  const read = [...templates.join('\n').matchAll(/(?<!\()\.Values\.([A-Za-z.]+)/g)].map(
    ([, path = '']) => path,
  );
  expect(read.length).toBeGreaterThan(10);
  for (const path of read) {
    const value = path.split('.').reduce((at, name) => at?.[name], values);
    expect(`${path} ${value !== undefined}`).toBe(`${path} true`);
  }
});
