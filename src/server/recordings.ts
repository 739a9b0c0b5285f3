/** Recordings of exchanges, which hardly any gateway ever makes: loaded with the first. */

import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { systemClock } from '../ground/clock.ts';
import type { Recordings } from '../recording/recordings.ts';
import { newId } from './ids.ts';
import type { RequestLogFiles } from './request-log-files.ts';

export interface RecordingsDeps {
  gateway: Pick<Gateway, 'trace' | 'credentials'>;
  config: () => Config;
  requests: Pick<RequestLogFiles, 'recordBy'>;
}

export function lazyRecordings({ gateway, config, requests }: RecordingsDeps): () => Promise<Recordings> {
  let opened: Promise<Recordings> | undefined;
  return () => {
    opened ??= import('../recording/recordings.ts').then(({ createRecordings }) => {
      const recordings = createRecordings({
        now: systemClock.now,
        newId: () => newId('rec'),
        trace: gateway.trace,
        secrets: () => [
          ...secretsIn(config()),
          ...gateway.credentials().flatMap(({ secret }) => (typeof secret === 'string' ? [secret] : [])),
        ],
      });
      requests.recordBy(recordings.log);
      return recordings;
    });
    return opened;
  };
}

/** Every text of the configuration that is a secret by its name, and the passwords in addresses. */
function secretsIn(value: unknown, name = ''): string[] {
  if (typeof value === 'string') {
    if (/key|secret|token|password/i.test(name)) return [value];
    const password = URL.parse(value)?.password;
    return password ? [decodeURIComponent(password), password] : [];
  }
  if (Array.isArray(value)) return value.flatMap((member) => secretsIn(member, name));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    secretsIn(member, name === 'headers' ? `headers-${key}` : key),
  );
}
