import { expect, test } from 'bun:test';
import { formatProblem, parseConfig } from './load.ts';

function problems(key: string): string[] {
  const text = `port: 0\nremote-management:\n  secret-key: '${key}'\n`;
  const result = parseConfig(text, { file: 'config.yaml', env: { HOME: '/home/ann' } });
  return result.ok ? [] : result.problems.map(formatProblem);
}

test.each([
  '$1$saltsalt$qjXMvbEw8oaL.CzflDugX1',
  '$5$saltsalt$Rp2nLkWbKD1jBLTdQ6WKQQHzn2.WbMrYIVPCZSqEGH9',
  '$6$rounds=5000$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2',
  '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7',
  '$apr1$salt$0123456789abcdefghijkl',
  '$md5,rounds=904$salt$$abc',
  '{SSHA}MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=',
  '$2a$xx',
  '$2b$10$tooshort',
  '$2b$99$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234',
  '$argon2id$garbage',
])('H8: %s would be a key itself, so it is an error', (hash) => {
  const [problem, ...more] = problems(hash);
  expect(more).toEqual([]);
  expect(problem).toMatch(/^config\.yaml:3:15 {2}remote-management\.secret-key: looks like a hash/);
  expect(problem).toContain('write the key itself');
  expect(problem).not.toContain(hash);
});

test('H8: keys with a dollar in them stay keys', () => {
  for (const key of ['$ecret', 'pa$$word', '$', 'a$1$b', '{x']) expect(problems(key)).toEqual([]);
});
