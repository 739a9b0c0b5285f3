/** What `bin/cli-proxy-api` runs: the program from its bundle where there is one of these very sources, else from them. */
import { existsSync } from 'node:fs';
import { bundleName, bundlesFolder } from './bundle-place.ts';

const bundle = bundleOf(`${import.meta.dir}/..`);
await (bundle === undefined ? import('./main.ts') : import(bundle));

function bundleOf(project: string): string | undefined {
  // There is no bundle: nothing needs to be read.
  if (!existsSync(bundlesFolder(project))) return undefined;
  try {
    const file = `${bundlesFolder(project)}/${bundleName(project)}/main.js`;
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}
