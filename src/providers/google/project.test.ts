import { expect, test } from 'bun:test';
import { signInDeps } from '../../../test/account-api.ts';
import {
  done,
  freeTier,
  load,
  messageOf,
  on,
  onboarding,
  projectList,
  secondPage,
  service,
  signIn,
  twoProjects,
} from '../../../test/google-sign-in.ts';

test.each([
  ['nobody is there to ask', undefined, 'managed-1'],
  ['the person takes it', 'managed-1', 'managed-1'],
  ['the person insists', 'mine', 'mine'],
])("a free account gets Google's project when %s", async (_, answer, project) => {
  const asked: string[][] = [];
  const deps = signInDeps({
    project: 'mine',
    ...(answer === undefined
      ? {}
      : {
          choose: async (_question, choices) => {
            asked.push(choices.map(({ value }) => value));
            return answer;
          },
        }),
  });
  const { identified } = await signIn(
    'gemini',
    {
      [load]: { allowedTiers: freeTier },
      [onboarding]: done('managed-1'),
      [`GET ${service(project)}`]: on,
    },
    deps,
  );
  expect(identified).toMatchObject({ ok: true, facts: { projects: [project] } });
  expect(asked).toEqual(answer === undefined ? [] : [['managed-1', 'mine']]);
});

test('the person chooses among the projects that Google lists', async () => {
  const labels: string[] = [];
  const deps = signInDeps({
    choose: async (question, choices) => {
      labels.push(question, ...choices.map(({ value, label }) => `${value}: ${label}`));
      return 'two';
    },
  });
  const { identified, whats } = await signIn(
    'gemini',
    {
      [projectList]: [twoProjects, secondPage],
      [load]: { currentTier: { id: 'standard-tier' } },
      [`GET ${service('two')}`]: on,
    },
    deps,
  );
  expect(identified).toMatchObject({ ok: true, facts: { projects: ['two'], plan: 'standard-tier' } });
  expect(labels).toEqual([
    'Which Google Cloud project is ann@example.com to use?',
    'GOOGLE_ONE: the one that Google has for this account (free tier, Google One)',
    'one: one (One)',
    'two: two',
    'ALL: all of them',
  ]);
  expect(whats).toContain(`${projectList}?pageToken=page%202`);
});

test('no choice is no login', async () => {
  const deps = signInDeps({ choose: async () => undefined });
  const { identified } = await signIn('gemini', { [projectList]: secondPage }, deps);
  expect(identified).toEqual({
    ok: false,
    failure: { kind: 'cancelled', message: 'No project was chosen.' },
  });
});

test('who may not list projects uses the one that Google has', async () => {
  const deps = signInDeps({ choose: () => Promise.reject(new Error('nothing to ask')) });
  const { identified } = await signIn(
    'gemini',
    {
      [projectList]: { status: 403, body: { error: { message: 'API not used before' } } },
      [load]: { currentTier: { id: 'free-tier' }, cloudaicompanionProject: 'managed-1' },
      [`GET ${service('managed-1')}`]: on,
    },
    deps,
  );
  expect(identified).toMatchObject({ ok: true, facts: { projects: ['managed-1'] } });
  expect(deps.lines).toContain(
    'Google refuses the list of projects for ann@example.com: API not used before',
  );
});

test('a list of projects is set up one by one, each once', async () => {
  const { identified, calls } = await signIn(
    'gemini',
    {
      [load]: { currentTier: { id: 'standard-tier' } },
      [`GET ${service('one')}`]: on,
      [`GET ${service('two')}`]: on,
    },
    signInDeps({ project: 'one, two,one' }),
  );
  expect(identified).toMatchObject({ ok: true, facts: { projects: ['one', 'two'] } });
  expect(calls(load)).toMatchObject([{ cloudaicompanionProject: 'one' }, { cloudaicompanionProject: 'two' }]);
});

test('ALL leaves out what Google refuses', async () => {
  const deps = signInDeps({ project: 'all' });
  const { identified } = await signIn(
    'gemini',
    {
      [projectList]: [twoProjects, secondPage],
      [load]: { currentTier: { id: 'standard-tier' } },
      [`GET ${service('one')}`]: { state: 'DISABLED' },
      [`POST ${service('one')}:enable`]: { status: 403, body: { error: { message: 'billing needed' } } },
      [`GET ${service('two')}`]: on,
    },
    deps,
  );
  expect(identified).toMatchObject({ ok: true, facts: { projects: ['two'] } });
  expect(deps.lines.join('\n')).toContain('Left out one: Google refuses to turn on');
});

test.each([
  ['turned on', { status: 200, body: { name: 'operations/1' } }],
  ['on already', { status: 400, body: { error: { message: 'Service is already enabled.' } } }],
])('an API that is off is %s', async (_, reply) => {
  const { identified, calls } = await signIn(
    'gemini',
    {
      [load]: { currentTier: { id: 'standard-tier' } },
      [`GET ${service('mine')}`]: { state: 'DISABLED' },
      [`POST ${service('mine')}:enable`]: reply,
    },
    signInDeps({ project: 'mine' }),
  );
  expect(identified).toMatchObject({ ok: true, facts: { projects: ['mine'] } });
  expect(calls(`POST ${service('mine')}:enable`)).toEqual([{}]);
});

test('an API that cannot be turned on is told with the page where the person can', async () => {
  const { identified } = await signIn(
    'gemini',
    {
      [load]: { currentTier: { id: 'standard-tier' } },
      [`GET ${service('mine')}`]: { state: 'DISABLED' },
      [`POST ${service('mine')}:enable`]: {
        status: 403,
        body: { error: { code: 403, message: 'Permission denied to enable', status: 'PERMISSION_DENIED' } },
      },
    },
    signInDeps({ project: 'mine' }),
  );
  expect(messageOf(identified)).toBe(
    'Google refuses to turn on cloudaicompanion.googleapis.com in the project mine for ann@example.com (PERMISSION_DENIED): Permission denied to enable\n' +
      'Open https://console.cloud.google.com/apis/library/cloudaicompanion.googleapis.com?project=mine as ann@example.com, then sign in again.',
  );
});
