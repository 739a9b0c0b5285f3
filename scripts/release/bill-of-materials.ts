/** What is inside an executable, as CycloneDX 1.6: the packages of the lock file that are bundled, and the runtime. */

interface LockedPackage {
  version?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
}

interface Component {
  type: 'library' | 'platform';
  'bom-ref': string;
  name: string;
  version: string;
  purl: string;
  description?: string;
  hashes?: { alg: string; content: string }[];
  licenses?: { license: { id: string } }[] | { expression: string }[];
}

export interface BillOfMaterials {
  bomFormat: 'CycloneDX';
  specVersion: '1.6';
  version: 1;
  metadata: { component: { type: 'application'; name: string; version: string; purl: string } };
  components: Component[];
}

/** Without a date and a random number: the same sources have the same bill. */
export function billOfMaterials(
  version: string,
  locked: Readonly<Record<string, LockedPackage>>,
): BillOfMaterials {
  const bundled = Object.entries(locked).filter(
    ([path, { dev, version: known }]) => path !== '' && !dev && known !== undefined && !isRuntime(path),
  );
  const runtime = locked['node_modules/bun'];
  if (runtime?.version === undefined) throw new Error('package-lock.json has no bun');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        name: 'cli-proxy-api',
        version,
        purl: `pkg:npm/cli-proxy-api@${version}`,
      },
    },
    components: [
      {
        ...component('platform', 'bun', runtime),
        description:
          'The runtime inside the executable, with JavaScriptCore, BoringSSL, SQLite, zlib and the libraries that bun.com/docs/project/license lists',
      },
      ...bundled.map(([path, entry]) => component('library', nameOf(path), entry)),
    ].sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1)),
  };
}

/** The runtime stands once, whatever package of which platform brought it. */
function isRuntime(path: string): boolean {
  return path === 'node_modules/bun' || path.startsWith('node_modules/@oven/');
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

function component(type: Component['type'], name: string, entry: LockedPackage): Component {
  const { version = '', integrity, license } = entry;
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const [algorithm, digest] = integrity?.split('-') ?? [];
  return {
    type,
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(algorithm === 'sha512' &&
      digest !== undefined && {
        hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
      }),
    ...(license !== undefined && {
      licenses: license.includes(' ') ? [{ expression: license }] : [{ license: { id: license } }],
    }),
  };
}
