/**
 * Lets a listener begin no new connection while those that it has begun go on. A listener that is simply closed resets the
 * connections that the kernel has accepted and the program has not yet: their clients believed that they were connected and have
 * sent a request. Here the kernel drops what would begin a connection (a segment with SYN) at this socket alone; the client's
 * next attempt, a second later, finds the listener closed, or another process at the same port.
 */
import type { dlopen as openLibrary } from 'bun:ffi';
import { listenersAt } from '../telemetry/open-files.ts';

/** A classic BPF program (kernel: Documentation/networking/filter.rst) over a TCP header: code, jump if true, if false, operand. */
const dropSyn: readonly [number, number, number, number][] = [
  [0x30, 0, 0, 13], // load the byte of flags
  [0x45, 0, 1, 0x02], // is SYN among them?
  [0x06, 0, 0, 0], // then keep no byte of it
  [0x06, 0, 0, 0xffff_ffff], // else all
];
/** asm-generic/socket.h */
const solSocket = 1;
const soAttachFilter = 26;

/** False where the system cannot do that; then nothing has changed. */
export async function beginNoConnections(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    const sockets = listenersAt(port);
    if (sockets.length === 0) return false;
    const { dlopen, ptr } = await import('bun:ffi');
    const program = new DataView(new ArrayBuffer(8 * dropSyn.length));
    for (const [index, [code, whenTrue, whenFalse, operand]] of dropSyn.entries()) {
      program.setUint16(8 * index, code, true);
      program.setUint8(8 * index + 2, whenTrue);
      program.setUint8(8 * index + 3, whenFalse);
      program.setUint32(8 * index + 4, operand, true);
    }
    // struct sock_fprog: the number of instructions, and where they are. The kernel makes a copy.
    const described = new Uint8Array(16);
    const fields = new DataView(described.buffer);
    fields.setUint16(0, dropSyn.length, true);
    fields.setBigUint64(8, BigInt(ptr(program)), true);
    const { symbols, close } = cLibrary(dlopen);
    const done = sockets.map((socket) =>
      symbols.setsockopt(socket, solSocket, soAttachFilter, described, described.byteLength),
    );
    close();
    return done.every((result) => result === 0);
  } catch {
    return false;
  }
}

/** GNU's, and musl's of Alpine. Throws where there is neither. */
function cLibrary(dlopen: typeof openLibrary) {
  const wanted = { setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' } } as const;
  try {
    return dlopen('libc.so.6', wanted);
  } catch {
    return dlopen(`libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`, wanted);
  }
}
