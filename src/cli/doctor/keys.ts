import { type Finding, ok, type Subject, skip, warn } from './check.ts';

/** Characters below which a client key can be guessed. */
const shortest = 16;

/** The client keys. */
export const keyChecks: Subject = async ({ config }) => {
  const keys = config['api-keys'];
  const id = 'keys.strength';
  if (keys.length === 0) return [skip(id, 'There is no client key: only this computer may ask.')];
  const make = `openssl rand -base64 24, and the result under api-keys`;
  const weak = keys.filter(({ key }) => key.length < shortest);
  const findings: Finding[] = [
    weak.length === 0
      ? ok(id, 'No client key is short enough to be guessed.')
      : warn(id, `${weak.length} client keys have fewer than ${shortest} characters.`, make),
  ];
  const names = keys.flatMap(({ name }) => (name === undefined ? [] : [name]));
  findings.push(
    new Set(names).size === names.length
      ? ok('keys.names', 'No two client keys have the same name.')
      : warn(
          'keys.names',
          'Two client keys have the same name: usage cannot tell them apart.',
          'rename one under api-keys',
        ),
  );
  return findings;
};
