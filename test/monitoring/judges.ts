/** Judges that nobody here wrote: programs in Python over OpenTelemetry's schema, Prometheus's parser and the time zones of IANA. */
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { installedPython } from '../clients/python-clients.ts';

const packages = ['opentelemetry-proto==1.45.*', 'prometheus-client==0.26.*', 'tzdata'];

/** What a judge of `python/` complains of. */
export async function complaints(judge: string, input: JsonObject): Promise<string> {
  const python = await installedPython({ name: 'monitoring-judges', install: packages });
  const child = Bun.spawn([python, join(import.meta.dir, 'python', judge)], {
    stdin: new TextEncoder().encode(JSON.stringify(input)),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return `${out}${err}`.slice(0, 4000);
}
