import { expect, test } from 'bun:test';
import { signInDeps, tokenReply } from '../../../test/account-api.ts';
import {
  done,
  freeTier,
  load,
  messageOf,
  on,
  onboarding,
  paidTier,
  projectList,
  secondPage,
  service,
  signIn,
  twoProjects,
  userinfo,
} from '../../../test/google-sign-in.ts';
import { accountProviders } from '../registry.ts';

test('an account that Google has a project for is ready at once', async () => {
  const { identified, whats, calls } = await signIn('gemini', {
    [load]: {
      currentTier: { id: 'free-tier' },
      allowedTiers: freeTier,
      cloudaicompanionProject: 'managed-1',
    },
    [`GET ${service('managed-1')}`]: { status: 403, body: {} },
  });
  expect(identified).toEqual({
    ok: true,
    facts: { email: 'ann@example.com', projects: ['managed-1'], plan: 'free-tier' },
  });
  expect(whats.filter((what) => what.startsWith(onboarding))).toEqual([]);
  expect(calls(load)).toEqual([
    {
      metadata: { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' },
    },
  ]);
});

test('a new account is given a project and set up, however often Google says "not yet"', async () => {
  const deps = signInDeps();
  const { identified, calls } = await signIn(
    'gemini',
    {
      [load]: { allowedTiers: freeTier },
      [onboarding]: [{ name: 'op', done: false }, {}, done('managed-1'), { done: false }, done('managed-1')],
      [`GET ${service('managed-1')}`]: on,
    },
    deps,
  );
  expect(identified).toMatchObject({ ok: true, facts: { projects: ['managed-1'], plan: 'free-tier' } });
  expect(deps.waits).toEqual([2000, 2000, 5000]);
  const metadata = { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' };
  const finding = { tierId: 'free-tier', metadata };
  const settingUp = { ...finding, cloudaicompanionProject: 'managed-1' };
  expect(calls(onboarding)).toEqual([finding, finding, finding, settingUp, settingUp]);
  expect(deps.lines).toEqual([
    'Signed in as ann@example.com.',
    'Requesting a project from Google for ann@example.com …',
    'Google is setting up a project for ann@example.com …',
    'Google is setting up managed-1 for ann@example.com …',
    'Project managed-1 is ready (free-tier).',
  ]);
});

test.each([
  ['finding a project', undefined, 30_000],
  ['setting one up', 'mine', 300_000],
])('%s that never ends is given up', async (_, project, limit) => {
  const deps = signInDeps(project === undefined ? {} : { project });
  const { identified } = await signIn(
    'gemini',
    { [load]: { allowedTiers: paidTier }, [onboarding]: { done: false } },
    deps,
  );
  expect(identified).toMatchObject({ ok: false, failure: { kind: 'timed-out' } });
  expect(messageOf(identified)).toContain(`ann@example.com within ${limit / 1000} seconds`);
  expect(deps.waits.reduce((sum, wait) => sum + wait, 0)).toBe(limit);
});

test('a paid account keeps the project that it asked for when Google answers another one', async () => {
  const { identified } = await signIn(
    'gemini',
    {
      [load]: { allowedTiers: paidTier },
      [onboarding]: done('managed-1'),
      [`GET ${service('mine')}`]: on,
    },
    signInDeps({ project: 'mine' }),
  );
  expect(identified).toMatchObject({ ok: true, facts: { projects: ['mine'] } });
});

const validationRequired = {
  error: {
    code: 403,
    message: 'Verify your account to continue.',
    status: 'PERMISSION_DENIED',
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'VALIDATION_REQUIRED',
        domain: 'cloudcode-pa.googleapis.com',
        metadata: { validation_url: 'https://accounts.google.com/signin/continue?x=1' },
      },
    ],
  },
};

test.each([
  ['an error', { status: 403, body: validationRequired }],
  [
    'a tier that is closed',
    {
      ineligibleTiers: [
        {
          reasonCode: 'VALIDATION_REQUIRED',
          reasonMessage: 'Verify your account to continue.',
          validationUrl: 'https://accounts.google.com/signin/continue?x=1',
        },
      ],
      allowedTiers: freeTier,
    },
  ],
])('validation that Google wants, as %s, names the account, its words and its link', async (_, reply) => {
  const { identified } = await signIn('gemini', { [load]: reply });
  expect(messageOf(identified)).toBe(
    'Google requires validation of the account ann@example.com (VALIDATION_REQUIRED): Verify your account to continue.\n' +
      'Open https://accounts.google.com/signin/continue?x=1 as ann@example.com, then sign in again.',
  );
});

test('validation ends ALL, for it is about the account', async () => {
  const { identified, calls } = await signIn(
    'gemini',
    { [projectList]: [twoProjects, secondPage], [load]: { status: 403, body: validationRequired } },
    signInDeps({ project: 'ALL' }),
  );
  expect(identified.ok).toBe(false);
  expect(calls(load).length).toBe(1);
});

test.each([
  [
    'an account that Google does not serve',
    {
      ineligibleTiers: [
        { reasonCode: 'UNSUPPORTED_LOCATION', reasonMessage: 'Not available in your location.' },
      ],
    },
    'ann@example.com (UNSUPPORTED_LOCATION): Not available in your location.',
  ],
  ['an error without words', { status: 400, body: {} }, 'ann@example.com: status 400'],
])('%s is refused in its words', async (_, reply, words) => {
  const { identified } = await signIn('gemini', { [load]: reply });
  expect(identified).toMatchObject({ ok: false, failure: { kind: 'refused' } });
  expect(messageOf(identified)).toEndWith(words);
});

test('words of a server do not reach the terminal as commands, nor with the token in them', async () => {
  const message = 'bad \u001b[31mtoken\u0007\ncanary-access-token';
  const { identified } = await signIn('gemini', { [load]: { status: 403, body: { error: { message } } } });
  expect(messageOf(identified)).toEndWith('ann@example.com: bad token …');
});

test('setting up that ends with an error is refused in its words', async () => {
  const { identified } = await signIn(
    'gemini',
    { [load]: {}, [onboarding]: { done: true, error: { code: 7, message: 'project is suspended' } } },
    signInDeps({ project: 'mine' }),
  );
  expect(messageOf(identified)).toBe(
    'Google refuses to set up Code Assist for ann@example.com: project is suspended',
  );
});

test('an account that gets no project is told how to name one', async () => {
  const { identified } = await signIn('gemini', { [load]: {}, [onboarding]: { done: true, response: {} } });
  expect(messageOf(identified)).toContain('--project');
});

test('a token whose e-mail Google does not give is of no use', async () => {
  const { identified } = await signIn('gemini', {
    [userinfo]: { status: 401, body: { error: { message: 'Invalid Credentials' } } },
  });
  expect(messageOf(identified)).toContain('Invalid Credentials');
});

test('Antigravity takes the project that Google has, or asks for one five times', async () => {
  const ready = await signIn('antigravity', {
    [load]: { cloudaicompanionProject: { id: 'managed-2' }, currentTier: { id: 'free-tier' } },
  });
  expect(ready.identified).toEqual({
    ok: true,
    facts: { email: 'ann@example.com', projects: ['managed-2'], plan: 'free-tier' },
  });
  expect(ready.calls(load)).toMatchObject([{ metadata: { ideType: 'ANTIGRAVITY' } }]);

  const later = await signIn('antigravity', {
    [load]: {},
    [onboarding]: [{ done: false }, done('managed-3')],
  });
  expect(later.identified).toMatchObject({
    ok: true,
    facts: { projects: ['managed-3'], plan: 'legacy-tier' },
  });

  const never = await signIn('antigravity', { [load]: {}, [onboarding]: { done: false } });
  expect(never.identified).toMatchObject({ ok: false, failure: { kind: 'timed-out' } });
  expect(never.calls(onboarding).length).toBe(5);

  const named = await signIn('antigravity', { [load]: {} }, signInDeps({ project: 'mine' }));
  expect(named.identified).toMatchObject({ ok: true, facts: { projects: ['mine'] } });
});

test('without another address, each API of Google is at its own', async () => {
  const hosts: string[] = [];
  const replies: Record<string, object> = {
    'www.googleapis.com': { email: 'ann@example.com' },
    'cloudcode-pa.googleapis.com': { currentTier: { id: 'standard-tier' } },
    'cloudresourcemanager.googleapis.com': { projects: [{ projectId: 'one' }] },
    'serviceusage.googleapis.com': on,
  };
  const deps = {
    ...signInDeps({ project: 'ALL' }),
    fetch: async (url: string) => {
      const { host } = new URL(url);
      hosts.push(host);
      return Response.json(replies[host] ?? {});
    },
  };
  const { oauth, identify, baseUrl } = accountProviders.gemini;
  if (oauth === undefined) throw new Error('gemini has no client');
  expect(await identify(tokenReply(), oauth, { baseUrl }, deps)).toMatchObject({ ok: true });
  expect(hosts).toEqual([
    'www.googleapis.com',
    'cloudresourcemanager.googleapis.com',
    'cloudcode-pa.googleapis.com',
    'serviceusage.googleapis.com',
  ]);
});
