/** What one replica does at a time: who sets the key first has the claim, until its time is over. */
import type { Claim } from '../gossip/shared-records.ts';
import type { Valkey } from './connection.ts';

export function valkeyClaims(valkey: Valkey, replica: string): Claim {
  return async (name, ms) => {
    try {
      return (
        (await valkey.send('SET', valkey.key(`claim:${name}`), replica, 'NX', 'PX', Math.ceil(ms))) === 'OK'
      );
    } catch {
      // Unknown: each replica continues alone.
      return true;
    }
  };
}
