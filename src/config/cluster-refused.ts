/** Why a process cannot be a replica of its cluster, whatever it waits for: the tables are too new for it, or another cluster's. */
export class ClusterRefused extends Error {
  override readonly name = 'ClusterRefused';
}
