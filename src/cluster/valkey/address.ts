/** Where a Valkey is, from the address in the configuration. */

export interface ValkeyHost {
  host: string;
  port: number;
}

export interface ValkeyAddress {
  /** `single` is one server; the hosts of `sentinel` know where it is; those of `cluster` share the keys. */
  kind: 'single' | 'sentinel' | 'cluster';
  hosts: readonly ValkeyHost[];
  tls: boolean;
  username: string | undefined;
  password: string | undefined;
  database: number;
  /** The name under which sentinels know the server. */
  master: string;
}

const usualPorts = { single: 6379, sentinel: 26379, cluster: 6379 } as const;
const usualMaster = 'mymaster';

/**
 * Reads `redis://user:password@host:6379/0`, `rediss://` and `valkeys://` with TLS, `redis+sentinel://a:26379,b/NAME/0` and
 * `redis+cluster://a:6379,b:6379`. The configuration has checked the form.
 */
export function valkeyAddress(url: string): ValkeyAddress {
  const [, scheme = '', login, hosts = '', path = ''] =
    /^([^:]+):\/\/(?:([^/]*)@)?([^/?#]*)\/?([^?#]*)/.exec(url) ?? [];
  const [base = '', form] = scheme.toLowerCase().split('+');
  const kind = form === 'sentinel' || form === 'cluster' ? form : 'single';
  const [first = '', second] = path.split('/').map(decodeURIComponent);
  const [username, ...secret] = login?.split(':') ?? [];
  return {
    kind,
    hosts: hosts.split(',').map((written) => hostOf(written, usualPorts[kind])),
    tls: base === 'rediss' || base === 'valkeys',
    username: username ? decodeURIComponent(username) : undefined,
    password: secret.length > 0 ? decodeURIComponent(secret.join(':')) : undefined,
    database: Number((kind === 'sentinel' ? second : first) || 0) || 0,
    master: kind === 'sentinel' && first !== '' ? first : usualMaster,
  };
}

function hostOf(written: string, usualPort: number): ValkeyHost {
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(written) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: port === undefined ? usualPort : Number(port) };
}
