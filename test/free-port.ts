/** Ports for programs that are given theirs before they listen, or that must be found again at the same one after a restart. */
import { networkInterfaces } from 'node:os';

/**
 * Below the ports that outgoing connections and listeners without a port of their own get (from 32,768 on Linux, higher elsewhere):
 * nobody takes one of these by chance.
 */
const [lowest, highest] = [20_000, 32_000];
/** Several processes choose at the same time: each has a block of ports to itself, as long as it listens on the first of them. */
const blockSize = 100;

let block: { first: number; last: number } | undefined;

/**
 * A port of loopback on which nothing listens. No other process that asks here gets it while this one runs, and this one gets it
 * again only after all others of its block. Throws where every port is taken.
 */
export function freePort(): number {
  block ??= ownBlock();
  for (let tries = 1; tries < blockSize; tries++) {
    const next = block.last + 1;
    block.last = next < block.first + blockSize ? next : block.first + 1;
    if (isFree(block.last)) return block.last;
  }
  throw new Error(`something listens on every port from ${block.first} to ${block.first + blockSize - 1}`);
}

function ownBlock(): { first: number; last: number } {
  const blocks = (highest - lowest) / blockSize;
  const begin = Math.floor(Math.random() * blocks);
  for (let tries = 0; tries < blocks; tries++) {
    const first = lowest + ((begin + tries) % blocks) * blockSize;
    const listener = listen('127.0.0.1', first);
    if (listener === undefined) continue;
    // It is held for as long as the process runs, and keeps no process running.
    listener.unref();
    return { first, last: first };
  }
  throw new Error(`every block of ports from ${lowest} to ${highest} is taken`);
}

const loopback = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ internal, address }) => internal && (address === '127.0.0.1' || address === '::1'))
  .map(({ address }) => address);

function isFree(port: number): boolean {
  return loopback.every((address) => {
    const listener = listen(address, port);
    listener?.stop(true);
    return listener !== undefined;
  });
}

/** Undefined where the port is taken. */
function listen(hostname: string, port: number) {
  try {
    return Bun.listen({ hostname, port, socket: { data() {} } });
  } catch {
    return undefined;
  }
}
