/** What is said of the container in text: the files cannot be run where no daemon is. */
import { expect, test } from 'bun:test';
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import manifest from '../../package.json';
import { emptyDirectory } from '../cli/program.ts';

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
  expect(schema.properties.replicas.const).toBe(1);
});

test('every value that a template reads is in values.yaml', () => {
  const values = parse(text(`${chart}/values.yaml`));
  const templates = readdirSync(join(project, chart, 'templates')).map((name) =>
    text(`${chart}/templates/${name}`),
  );
  const read = [...templates.join('\n').matchAll(/\.Values\.([A-Za-z.]+)/g)].map(([, path = '']) => path);
  expect(read.length).toBeGreaterThan(10);
  for (const path of read) {
    const value = path.split('.').reduce((at, name) => at?.[name], values);
    expect(`${path} ${value !== undefined}`).toBe(`${path} true`);
  }
});
