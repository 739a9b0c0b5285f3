import { afterAll, beforeEach, expect, test } from 'bun:test';
import { bearer, getJson, postJson, rootOf } from '../../test/sandbox-flows.ts';
import { startSandbox } from '../start.ts';

const sandbox = startSandbox({ pace: 0 });
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.stop());

const root = rootOf(sandbox, 'iflow');
const keyUrl = `${root}/api/openapi/apikey`;
const name = 'ada@sandbox.example';

/** Chooses Ada on the page, as a browser does; the cookie that it then has. */
async function cookieOfAda(): Promise<string> {
  const signedIn = await fetch(`${root}/platform`, {
    method: 'POST',
    body: new URLSearchParams({ person: 'ada', answer: 'allow' }),
  });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  expect(await signedIn.text()).toContain(`${cookie};`);
  return cookie;
}

test('the page asks who somebody is, and whoever says no gets no cookie', async () => {
  const asked = await fetch(`${root}/platform`);
  expect(await asked.text()).toContain('Ada');
  const denied = await fetch(`${root}/platform?sandbox_person=ada&sandbox_answer=deny`);
  expect(denied.headers.getSetCookie()).toEqual([]);
});

test('the cookie gives a key, each time another, which the API takes until it has run out', async () => {
  const cookie = await cookieOfAda();
  expect((await getJson(keyUrl, { cookie })).body).toMatchObject({ success: true, data: { name } });
  const keys = [
    await postJson(keyUrl, { name }, { cookie }),
    await postJson(keyUrl, { name }, { cookie }),
  ].map(({ body }) => Object(body.data));
  expect(keys[0]?.apiKey).not.toBe(keys[1]?.apiKey);
  expect(keys[1]?.expireTime).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  expect(sandbox.accounts.refreshes()).toBe(1);
  const models = () => getJson(`${root}/v1/models`, bearer(keys[1]?.apiKey));
  expect((await models()).status).toBe(200);
  sandbox.accounts.expire();
  expect((await models()).status).toBe(401);
});

test('no cookie, one of a login that was ended, and the name of another key are refused', async () => {
  expect((await getJson(keyUrl)).status).toBe(401);
  const cookie = await cookieOfAda();
  expect((await postJson(keyUrl, { name: 'other' }, { cookie })).status).toBe(400);
  sandbox.accounts.revoke();
  expect((await getJson(keyUrl, { cookie })).status).toBe(401);
});
