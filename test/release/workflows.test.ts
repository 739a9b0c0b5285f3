/** What runs at GitHub with the owner's rights: pinned, with as few of them as it needs. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}
interface Job {
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  environment?: string;
  env?: Record<string, string>;
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: unknown;
  env?: Record<string, string>;
  jobs: Record<string, Job>;
}

const folder = join(import.meta.dir, '../../.github/workflows');
const texts = readdirSync(folder).map((name): [string, string] => [
  name,
  readFileSync(join(folder, name), 'utf8'),
]);

for (const [name, text] of texts) {
  const workflow: Workflow = parse(text);
  const jobs = Object.entries(workflow.jobs);

  test(`${name}: every action is pinned by its commit, with the version beside it`, () => {
    const uses = text.split('\n').filter((line) => /\buses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test(`${name}: no right is given but what a job names, and no job runs for ever`, () => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.env).toBeUndefined();
    for (const [, job] of jobs) {
      expect(job.permissions?.contents).toBeDefined();
      expect(Object.values(job.permissions ?? {})).not.toContain('write-all');
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
      expect(job.env).toBeUndefined();
      for (const { uses, with: input } of job.steps)
        if (uses?.startsWith('actions/checkout@')) expect(input?.['persist-credentials']).toBe(false);
    }
  });

  test(`${name}: what others choose is never part of a script`, () => {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    for (const [, { steps }] of jobs) for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });
}

test('ci may read and nothing else, and knows no secret', () => {
  const [, text = ''] = texts.find(([name]) => name === 'ci.yml') ?? [];
  const { jobs }: Workflow = parse(text);
  for (const { permissions } of Object.values(jobs)) expect(permissions).toEqual({ contents: 'read' });
  expect(text).not.toContain('secrets.');
});

test('the signing key is given to the step that signs alone, and an unsigned list is not published', () => {
  const [, text = ''] = texts.find(([name]) => name === 'release.yml') ?? [];
  const { jobs }: Workflow = parse(text);
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const given = steps.filter(({ env }) => JSON.stringify(env ?? {}).includes('secrets.'));
  expect(given).toEqual([
    {
      run: 'npm run release -- --models',
      env: { RELEASE_SIGNING_KEY: '${{ secrets.RELEASE_SIGNING_KEY }}' },
    },
  ]);
  expect(text.match(/secrets\.\w+/g)).toEqual(['secrets.RELEASE_SIGNING_KEY']);
  const order = steps.map(({ run, uses }) => run ?? uses ?? '');
  const place = (part: string) => order.findIndex((step) => step.includes(part));
  expect(place('latest.json.minisig')).toBeGreaterThan(place('--models'));
  expect(place('npm publish')).toBeGreaterThan(place('latest.json.minisig'));
  expect(place('npm publish')).toBeGreaterThan(place('stillToSet.length'));
  expect(place('docker push')).toBeGreaterThan(place('stillToSet.length'));
  for (const [name, job] of Object.entries(jobs))
    expect(`${name} ${job.environment}`).toBe(`${name} release`);
});
