/** The running gateway is killed while it renews: what had reached its disk write is kept. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { bundled } from '../bundled.ts';
import { killGateways, strace } from './killed-gateway.ts';

/** `KILLS=1000 bun test ./test/accounts/killed-gateway.test.ts` takes minutes. */
const kills = Number(process.env.KILLS ?? 100);
const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);

test(
  `M9: kill -9 of serve at any moment of ${kills} refreshes: what had reached the disk write is kept`,
  async () => {
    using program = await bundled(join(import.meta.dir, '../../src/main.ts'));
    const command = [process.execPath, '--no-env-file', program.file];
    const result = await killGateways(command, kills, seed, strace !== null);
    const { logins, kept, recovered, notWritten, notGiven, written, within, traced, broken } = result;
    console.info(
      `kill -9 of serve: of ${logins} logins ${kept} new tokens kept (${recovered} from journals and temporary files), ${notWritten} given and not written, ${notGiven} not given; ${traced ? `by the system's record ${written} writes had come back, ${within} were cut by the kill` : 'not traced'} (seed ${seed})`,
    );
    expect(broken).toEqual([]);
    expect(kept).toBeGreaterThan(0);
    if (traced) expect(kept).toBeGreaterThanOrEqual(written);
    expect(kept + notWritten + notGiven).toBe(logins);
  },
  60_000 + kills * 1000,
);
