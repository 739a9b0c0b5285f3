/** The configuration that all replicas share, in Postgres: its text, encrypted, a version for each change. */
import { z } from 'zod';
import type { Encryption } from '../../../accounts/encryption.ts';
import type { ConfigVault, SharedText } from '../../ports.ts';
import type { Postgres } from '../connection.ts';
import { unreadable } from '../key-check.ts';

/** Versions that are kept. */
const mostVersions = 100;

const row = z.object({ version: z.coerce.number().int(), sealed: z.string() });

export function createConfigVault(postgres: Postgres, encryption: Encryption): ConfigVault {
  return {
    async newest(): Promise<SharedText | undefined> {
      const [found] = await postgres.rows(
        row,
        'SELECT version, sealed FROM cpa_config ORDER BY version DESC LIMIT 1',
      );
      if (found === undefined) return undefined;
      const opened = await encryption.open(found.sealed);
      if (!opened.ok) throw new Error(unreadable('configuration', opened.message));
      return { version: found.version, text: opened.text };
    },
    async put(text, after, { who, what }) {
      const sealed = await encryption.seal(text);
      const version = after + 1;
      return postgres.transaction(async (inside) => {
        const added = await inside.run(
          `INSERT INTO cpa_config (version, sealed, who, what)
           SELECT $1, $2, $3, $4 WHERE $1::bigint > coalesce((SELECT max(version) FROM cpa_config), 0) ON CONFLICT DO NOTHING`,
          [version, sealed, who, what],
        );
        if (added === 0) return false;
        await inside.run('DELETE FROM cpa_config WHERE version <= $1::bigint - $2::bigint', [
          version,
          mostVersions,
        ]);
        await inside.rows(z.object({}), "SELECT pg_notify('cpa_config', $1)", [String(version)]);
        return true;
      });
    },
    onChange: (handler) => postgres.listen('cpa_config', handler, handler),
  };
}
