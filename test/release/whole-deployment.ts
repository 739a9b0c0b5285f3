/**
 * Part of `npm run test:release`: the chart as Helm renders it, held against the schemas of Kubernetes, and the compose files and
 * workflows against theirs. Tools of others do that, from PyPI in a place of the run's own; no cluster and no daemon is there, so
 * that what those would refuse beyond the schemas stays unseen.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';

const project = join(import.meta.dir, '../..');
const chart = join(project, 'deploy/helm/cli-proxy-api');
const scratch = mkdtempSync(join(tmpdir(), 'cli-proxy-api-deployment-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
/** Each bundles what it checks by: Helm's engine (4.2), the schemas of Kubernetes, those of SchemaStore. */
const tools = ['helm-python-sdk==0.2.2', 'kubernetes-validate==1.37.0', 'check-jsonschema==0.39.0'];
const tool = (name: string) => join(scratch, 'venv/bin', name);

function succeeds(...command: string[]): void {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  expect(`${exitCode} ${exitCode === 0 ? '' : `${stdout}${stderr}`}`).toBe('0 ');
}

beforeAll(() => {
  succeeds('python3', '-m', 'venv', join(scratch, 'venv'));
  succeeds(tool('pip'), 'install', '--quiet', '--disable-pip-version-check', ...tools);
});

type Values = Record<string, unknown>;
interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: Record<string, unknown>;
  data?: Record<string, string>;
}

/** The manifests, or Helm's sentence. */
function rendered(...all: Values[]): (Manifest[] | string)[] {
  const run = Bun.spawnSync([tool('python'), join(import.meta.dir, 'render-chart.py'), chart], {
    stdin: Buffer.from(JSON.stringify(all)),
  });
  expect(run.stderr.toString()).toBe('');
  const results: ({ error: string } | Record<string, string>)[] = JSON.parse(run.stdout.toString());
  return results.map((result) =>
    'error' in result && typeof result.error === 'string'
      ? result.error
      : Object.values(result).flatMap((text) =>
          parseAllDocuments(text).flatMap((document): Manifest[] => {
            expect(document.errors).toEqual([]);
            const manifest: Manifest | null = document.toJS();
            return manifest === null ? [] : [manifest];
          }),
        ),
  );
}

const image = { repository: 'registry.example/cli-proxy-api' };
const everything = {
  image,
  podDisruptionBudget: { enabled: true },
  networkPolicy: { enabled: true, from: [{ podSelector: { matchLabels: { app: 'clients' } } }] },
  serviceMonitor: { enabled: true },
  persistence: { size: '5Gi', storageClass: 'fast' },
  service: { type: 'LoadBalancer', port: 80 },
  config: { tls: { enable: true, cert: '/tls/tls.crt', key: '/tls/tls.key' } },
};
const scaleOut: Values = { image, ...parse(readFileSync(join(chart, 'values-scale-out.yaml'), 'utf8')) };

/** Kinds that the Prometheus operator brings: Kubernetes has no schema of them. */
const foreign = ['ServiceMonitor'];

test('what the chart renders is what Kubernetes takes, with nothing that it does not know', () => {
  for (const [name, manifests] of Object.entries({ usual: { image }, everything, scaleOut }).map(
    ([key, values]) => [key, rendered(values)[0]] as const,
  )) {
    if (typeof manifests !== 'object') throw new Error(`${name}: ${manifests}`);
    for (const [index, manifest] of manifests.entries()) {
      if (foreign.includes(manifest.kind)) continue;
      const file = join(scratch, `${name}-${index}.json`);
      writeFileSync(file, JSON.stringify(manifest));
      succeeds(tool('kubernetes-validate'), '--strict', '--quiet', file);
    }
  }
});

test('each part is there where it is asked for, under the name of the release', () => {
  const [usual, all, replicas] = rendered({ image }, everything, scaleOut).map((manifests) =>
    typeof manifests === 'string' ? [manifests] : manifests.map(({ kind }) => kind).sort(),
  );
  expect(usual).toEqual(['ConfigMap', 'Service', 'StatefulSet']);
  expect(all).toEqual([
    ...['ConfigMap', 'NetworkPolicy', 'PodDisruptionBudget', 'Service', 'ServiceMonitor', 'StatefulSet'],
  ]);
  expect(replicas).toEqual(['ConfigMap', 'PodDisruptionBudget', 'Service', 'StatefulSet']);
});

test('the config that a pod gets is one that the program serves, and its metrics can be read', () => {
  const env = {
    CLIENT_KEY: 'a-client-key-that-is-long',
    METRICS_TOKEN: 'a-token-that-is-long',
    CLI_PROXY_API_POSTGRES: 'postgres://gateway:password@postgres:5432/gateway',
    CLI_PROXY_API_VALKEY: 'redis://valkey:6379',
    CLI_PROXY_API_ENCRYPTION_KEY: 'encryption-key-of-the-tests',
  };
  for (const manifests of rendered({ image }, everything, scaleOut)) {
    if (typeof manifests === 'string') throw new Error(manifests);
    const text = manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['config.yaml'] ?? '';
    const served = parseConfig(text, { file: 'config.yaml', env });
    expect(served).toMatchObject({ ok: true, warnings: [] });
    const monitor = manifests.find(({ kind }) => kind === 'ServiceMonitor');
    if (monitor === undefined) continue;
    // Without a key nobody but the pod itself reads them.
    expect(served).toMatchObject({ config: { metrics: { enable: true, token: env.METRICS_TOKEN } } });
    expect(monitor.spec).toMatchObject({
      endpoints: [
        { scheme: 'https', authorization: { credentials: { name: 'cli-proxy-api', key: 'METRICS_TOKEN' } } },
      ],
    });
  }
});

test('pods are stopped later than the program, and asked for their health as it serves', () => {
  for (const manifests of rendered(everything, { image, shutdownDrain: 20, shutdownGrace: 100 })) {
    if (typeof manifests === 'string') throw new Error(manifests);
    const config = parse(manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['config.yaml'] ?? '');
    const pod = JSON.stringify(manifests.find(({ kind }) => kind === 'StatefulSet'));
    const seconds = (text: string) => Number.parseInt(text, 10);
    const stops = Number(/"terminationGracePeriodSeconds":(\d+)/.exec(pod)?.[1]);
    expect(stops).toBeGreaterThan(seconds(config['shutdown-drain']) + seconds(config['shutdown-grace']));
    expect(pod.split('"scheme":"HTTPS"').length - 1).toBe(config.tls?.enable ? 2 : 0);
    expect(pod).toContain('"runAsNonRoot":true');
    expect(pod).toContain('"readOnlyRootFilesystem":true');
  }
});

test.each([
  ['without an image', {}, '/image/repository'],
  ['with replicas and no cluster', { image, replicas: 2 }, "missing property 'cluster'"],
  ['with a value that is none', { image, replica: 2 }, "'replica' not allowed"],
  ['without client keys', { image, config: { 'api-keys': [] } }, '/config/api-keys'],
])('%s the chart says what is missing', (_, values, sentence) => {
  expect(rendered(values)[0]).toContain(sentence);
});

test('compose files and workflows are what their schemas say', () => {
  const check = (schema: string, ...files: string[]) =>
    succeeds(tool('check-jsonschema'), '--builtin-schema', `vendor.${schema}`, ...files);
  check(
    'compose-spec',
    ...['compose.yaml', 'deploy/scale-out/compose.yaml'].map((name) => join(project, name)),
  );
  const workflows = join(project, '.github/workflows');
  check('github-workflows', ...readdirSync(workflows).map((name) => join(workflows, name)));
});
