/** Whether an address can be connected to, where the runtime makes the connection and does not report it. */
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RequestTimers } from '../request-timers.ts';

/**
 * Finds out whether an address can be connected to. The runtime does not report when a request has its connection, and
 * nearly all have an answer before this matters: so a connection of its own, on which nothing is sent, is tried only after
 * half of the time.
 */
export function probe(
  address: string,
  limit: number,
  timers: RequestTimers,
  onFailure: () => void,
): () => void {
  let socket: ReturnType<typeof connect> | undefined;
  const timer = timers.add(() => {
    if (socket !== undefined) {
      stop();
      return onFailure();
    }
    socket = knock(address, stop);
    timers.set(timer, limit / 2);
  });
  timers.set(timer, limit / 2);
  function stop(): void {
    timers.remove(timer);
    socket?.destroy();
  }
  return stop;
}

/** Connects; `answered` is called when that has worked, and also when it is refused: the request's own error has the reason. */
function knock(address: string, answered: () => void): ReturnType<typeof connect> {
  const { hostname, port, protocol } = new URL(address);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  // Whose certificate it is does not matter: nothing is sent here.
  const socket =
    protocol === 'https:'
      ? connectTls({
          host,
          port: Number(port) || 443,
          rejectUnauthorized: false,
          // A name, never an address: RFC 6066 §3.
          ...(isIP(host) === 0 && { servername: host }),
        })
      : connect({ host, port: Number(port) || 80 });
  socket.on(protocol === 'https:' ? 'secureConnect' : 'connect', answered);
  socket.on('error', answered);
  socket.on('close', answered);
  return socket;
}
