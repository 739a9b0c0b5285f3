/** Whether a key opens the management API: the one of the configuration, as text or as a hash of it. */
import { hash, timingSafeEqual } from 'node:crypto';

export interface ManagementKey {
  /** Whether this is the key. A hashed key costs a tenth of a second the first time, off this thread, and nothing after. */
  opens(given: string): Promise<boolean>;
}

/** bcrypt, as CLIProxyAPI writes it into its file, and the formats of Argon2: what the runtime verifies. */
const hashed = /^\$(2[aby]\$\d\d\$[./A-Za-z0-9]{53}|argon2(id|i|d)\$\S+)$/;
/** bcrypt reads no more of a key; longer ones are no keys. */
const longestKey = 1024;

/**
 * The key of `remote-management.secret-key`. Where that is a hash, only what it was made of opens: the hash itself, which
 * whoever reads the file knows, does not.
 */
export function managementKey(written: string): ManagementKey {
  if (!hashed.test(written)) {
    const wanted = digest(written);
    return { opens: async (given) => timingSafeEqual(digest(given), wanted) };
  }
  let known: Buffer | undefined;
  return {
    async opens(given) {
      if (given.length > longestKey) return false;
      const asked = digest(given);
      if (known !== undefined && timingSafeEqual(asked, known)) return true;
      const right = await Bun.password.verify(given, written).catch(() => false);
      if (right) known = asked;
      return right;
    },
  };
}

function digest(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
