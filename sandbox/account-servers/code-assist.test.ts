import { afterAll, beforeEach, describe, expect, test } from 'bun:test';
import { bearer, getJson, postJson, rootOf, signIn, text } from '../../test/sandbox-flows.ts';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const metadata = { ideType: 'IDE_UNSPECIFIED', platform: 'PLATFORM_UNSPECIFIED', pluginType: 'GEMINI' };
const token = async (person: string) => text((await signIn(sandbox, 'gemini', person)).body.access_token);
const call = (method: string, given: string, body: object) =>
  postJson(`${rootOf(sandbox, 'gemini')}/v1internal:${method}`, { metadata, ...body }, bearer(given));

describe('loadCodeAssist', () => {
  test('tells tiers and the project of an account that is set up', async () => {
    const { body } = await call('loadCodeAssist', await token('ada'), {});
    expect(body).toMatchObject({
      currentTier: { id: 'standard-tier' },
      allowedTiers: [
        { id: 'free-tier', isDefault: false },
        { id: 'standard-tier', isDefault: true },
      ],
      cloudaicompanionProject: 'ada-main',
    });
    expect(
      (await call('loadCodeAssist', await token('ada'), { cloudaicompanionProject: 'ada-lab' })).body,
    ).toMatchObject({
      cloudaicompanionProject: 'ada-lab',
    });
  });

  test('tells a new account its tiers only', async () => {
    const { body } = await call('loadCodeAssist', await token('grace'), {});
    expect(body.cloudaicompanionProject).toBeUndefined();
    expect(body).toMatchObject({ allowedTiers: [{ id: 'free-tier', isDefault: true }, {}] });
  });

  test.each([
    ['another’s project', { cloudaicompanionProject: 'alan-one' }, 403, 'PERMISSION_DENIED'],
    ['metadata of another program', { metadata: { ideType: 'ANTIGRAVITY' } }, 400, 'INVALID_ARGUMENT'],
  ])('refuses %s', async (_, body, status, code) => {
    const answer = await call('loadCodeAssist', await token('ada'), body);
    expect(answer).toMatchObject({ status, body: { error: { status: code } } });
  });

  test('refuses a token that is not good', async () => {
    expect((await call('loadCodeAssist', 'x', {})).status).toBe(401);
  });
});

describe('onboardUser', () => {
  test('gives a free account a project of its own, whatever it asks for', async () => {
    const grace = await token('grace');
    const { body } = await call('onboardUser', grace, {
      tierId: 'free-tier',
      cloudaicompanionProject: 'grace-web',
    });
    expect(body).toMatchObject({
      done: true,
      response: { cloudaicompanionProject: { id: 'gen-lang-client-grace' } },
    });
    expect((await call('loadCodeAssist', grace, {})).body.cloudaicompanionProject).toBe(
      'gen-lang-client-grace',
    );
  });

  test('sets others up with the project that they choose', async () => {
    const alan = await token('alan');
    const { body } = await call('onboardUser', alan, {
      tierId: 'standard-tier',
      cloudaicompanionProject: 'alan-two',
    });
    expect(body).toMatchObject({ response: { cloudaicompanionProject: { id: 'alan-two' } } });
  });

  test('is not done as often as asked', async () => {
    sandbox.accounts.fault({ person: 'grace', at: 'onboarding', fault: 'pending', times: 2 });
    const grace = await token('grace');
    const done: unknown[] = [];
    for (let i = 0; i < 3; i++)
      done.push((await call('onboardUser', grace, { tierId: 'free-tier' })).body.done);
    expect(done).toEqual([false, false, true]);
  });

  test('wants verification on request', async () => {
    sandbox.accounts.fault({ at: 'onboarding', fault: 'validation-required' });
    const answer = await call('onboardUser', await token('ada'), { tierId: 'standard-tier' });
    expect(answer).toMatchObject({
      status: 403,
      body: { error: { details: [{ reason: 'VALIDATION_REQUIRED' }] } },
    });
  });

  test.each([{}, { tierId: 'gold-tier' }])('refuses the tier of %j', async (body) => {
    expect((await call('onboardUser', await token('ada'), body)).status).toBe(400);
  });

  test('Antigravity: in snake case too', async () => {
    const { body } = await signIn(sandbox, 'antigravity', 'grace');
    const answer = await postJson(
      `${rootOf(sandbox, 'antigravity')}/v1internal:onboardUser`,
      { tier_id: 'free-tier', metadata: { ide_type: 'ANTIGRAVITY' } },
      bearer(body.access_token),
    );
    expect(answer.body).toMatchObject({ done: true });
  });
});

test('projects are listed to those whose they are', async () => {
  const url = `${rootOf(sandbox, 'gemini')}/v1/projects`;
  expect((await getJson(url, bearer(await token('alan')))).body).toMatchObject({
    projects: [
      { projectId: 'alan-one', lifecycleState: 'ACTIVE' },
      { projectId: 'alan-two', lifecycleState: 'ACTIVE' },
    ],
  });
  expect((await getJson(url)).status).toBe(401);
  const service = `${url}/ada-main/services/cloudaicompanion.googleapis.com`;
  expect((await getJson(service, bearer(await token('alan')))).status).toBe(403);
});
