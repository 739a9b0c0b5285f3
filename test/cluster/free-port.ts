/** Ports for servers that must be found again at the same one after a restart. */

/** A port of loopback that nothing listens on, below those that outgoing connections get: a restart finds it free again. */
export function freePort(): number {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    try {
      Bun.listen({ hostname: '127.0.0.1', port, socket: { data() {} } }).stop();
      return port;
    } catch {
      // Taken: another one.
    }
  }
}
