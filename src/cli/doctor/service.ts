import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { servicePlace } from '../service/actions.ts';
import { managerHere, serviceFacts } from '../service/facts.ts';
import { type Finding, fail, ok, type Subject, skip, warn } from './check.ts';

/** The service that was installed: does its program still exist. */
export const serviceChecks: Subject = async ({ file, env, home }) => {
  const id = 'service.program';
  const facts = { ...(await serviceFacts(file, false, env)), home };
  const place = servicePlace(managerHere(), facts);
  if (!existsSync(place)) return [skip(id, 'It is not installed as a service.')];
  const text = (await readFile(place)).toString(managerHere() === 'task-scheduler' ? 'utf16le' : 'utf8');
  const program = /ExecStart="((?:[^"\\]|\\.)+)"|<array>\s*<string>([^<]+)|<Command>([^<]+)/.exec(text);
  const path = (program?.[1] ?? program?.[2] ?? program?.[3] ?? '')
    .replaceAll('%%', '%')
    .replaceAll('\\"', '"');
  if (!existsSync(path))
    return [fail(id, `${place} starts ${path}, which is gone.`, 'cli-proxy-api service install')];
  return [ok(id, `${place} starts ${path}.`), linger(facts.user)];
};

function linger(user: string): Finding {
  const id = 'service.linger';
  if (managerHere() !== 'systemd') return skip(id, 'Only systemd ends services at the logout.');
  return existsSync(`/var/lib/systemd/linger/${user}`)
    ? ok(id, 'It goes on when you log out.')
    : warn(id, 'It stops when you log out.', `loginctl enable-linger ${user}`);
}
