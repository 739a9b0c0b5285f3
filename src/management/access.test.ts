import { expect, test } from 'bun:test';
import { type AccessSettings, type ManagementKeys, managementAccess } from './access.ts';

const key = 'the-key-of-the-owner';
const elsewhere = '10.0.0.7';
const here = '127.0.0.1';

function accessWith(
  settings: Partial<AccessSettings['remote-management']> = { 'secret-key': key },
  keys: ManagementKeys = {},
) {
  let wrong = 0;
  const access = managementAccess(
    () => ({ 'remote-management': { 'allow-remote': false, ...settings } }),
    keys,
    { refused: async () => 400 * ++wrong },
  );
  const ask = async (headers: Record<string, string>, address: string | null = here) => {
    const request = new Request('http://gateway/v0/management/debug', { headers });
    const decision = await access.decide(request, '/v0/management/debug', address ?? undefined);
    switch (decision.kind) {
      case 'absent':
        return 404;
      case 'caller':
        return decision.caller.key;
      case 'refused': {
        const { response } = decision.reply;
        return { status: response.status, ...JSON.parse(await response.text()) };
      }
    }
  };
  return { access, ask, wrong: () => wrong };
}

const missing = { status: 401, error: 'missing management key', code: 'missing_key' };
const wrongKey = { status: 401, error: 'invalid management key', code: 'wrong_key' };
const notLocal = { status: 403, error: 'remote management disabled', code: 'not_local' };

test.each<{ title: string; headers: Record<string, string> }>([
  { title: 'Bearer', headers: { authorization: `Bearer ${key}` } },
  { title: 'bearer in small letters, more spaces', headers: { authorization: `bearer   ${key} ` } },
  { title: 'Authorization without a scheme', headers: { authorization: key } },
  { title: 'X-Management-Key', headers: { 'x-management-key': key } },
  {
    title: 'X-Management-Key beside an empty Authorization',
    headers: { authorization: 'Bearer ', 'x-management-key': key },
  },
  {
    title: 'Authorization beside a wrong X-Management-Key',
    headers: { authorization: key, 'x-management-key': 'x' },
  },
  {
    title: 'X-Management-Key beside the key of a client',
    headers: { authorization: 'Bearer the-key-of-a-client', 'x-management-key': key },
  },
])('the key is taken: $title', async ({ headers }) => {
  const { ask, wrong } = accessWith();
  expect(await ask(headers)).toBe('secret-key');
  expect(wrong()).toBe(0);
});

test('a request with two wrong keys is one guess', async () => {
  const { ask, wrong } = accessWith();
  expect(await ask({ authorization: 'Bearer wrong', 'x-management-key': 'wrong, too' })).toEqual(wrongKey);
  expect(wrong()).toBe(1);
});

test('a missing key is no guess: it is refused and not counted', async () => {
  const { ask, wrong } = accessWith();
  expect(await ask({})).toEqual(missing);
  expect(wrong()).toBe(0);
});

test('a wrong key is told when to try again, and the right one always passes', async () => {
  const { access, ask } = accessWith();
  for (let i = 0; i < 50; i++) expect(await ask({ authorization: 'wrong' })).toEqual(wrongKey);
  expect(await ask({ authorization: key })).toBe('secret-key');
  const request = new Request('http://gateway/', { headers: { authorization: 'wrong' } });
  const decision = await access.decide(request, '/', here);
  if (decision.kind !== 'refused') throw new Error('let in');
  expect(decision.reply.response.headers.get('retry-after')).toBe('21');
});

test.each<{ title: string; headers: Record<string, string> }>([
  { title: 'no header', headers: {} },
  { title: 'X-Forwarded-For of this computer', headers: { 'x-forwarded-for': here } },
  { title: 'Forwarded of this computer', headers: { forwarded: `for=${here}` } },
  { title: 'X-Real-IP of this computer', headers: { 'x-real-ip': here } },
])('another computer is kept out whatever its headers say: $title', async ({ headers }) => {
  const { ask } = accessWith();
  expect(await ask({ authorization: key, ...headers }, elsewhere)).toEqual(notLocal);
  expect(await ask({ authorization: key, ...headers }, null)).toEqual(notLocal);
});

test('MANAGEMENT_PASSWORD is a second key, and does not open remote access by itself', async () => {
  const { ask } = accessWith({}, { everywhere: 'of-the-environment' });
  expect(await ask({ authorization: 'of-the-environment' })).toBe('MANAGEMENT_PASSWORD');
  expect(await ask({ authorization: 'of-the-environment' }, elsewhere)).toEqual(notLocal);
  const remote = accessWith({ 'allow-remote': true }, { everywhere: 'of-the-environment' });
  expect(await remote.ask({ authorization: 'of-the-environment' }, elsewhere)).toBe('MANAGEMENT_PASSWORD');
});

test('-password opens for this computer alone', async () => {
  const { ask } = accessWith({ 'allow-remote': true }, { here: 'of-this-run' });
  expect(await ask({ authorization: 'of-this-run' })).toBe('-password');
  expect(await ask({ authorization: 'of-this-run' }, elsewhere)).toBe(404);
});

test('without any key there is nothing', async () => {
  expect(await accessWith({}).ask({ authorization: '' })).toBe(404);
  expect(await accessWith({}).ask({ authorization: 'undefined' })).toBe(404);
});
