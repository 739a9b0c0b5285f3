/** What an executable says of itself in its first bytes: for which system and processor it is. */
import type { Target } from './targets.ts';

/** Where 64-bit little-endian ELF keeps its machine, and where its program headers are; source: elf(5). */
const elf = { machine: 18, headers: 32, headerSize: 54, headerCount: 56, interpreter: 3 };
const elfMachines = { x64: 62, arm64: 183 } as const;
/** source: learn.microsoft.com, PE Format. */
const peMachines = { x64: 0x86_64, arm64: 0xaa_64 } as const;
/** source: mach/machine.h. */
const machCpus = { x64: 0x0100_0007, arm64: 0x0100_000c } as const;
export const machMagic = 0xfeed_facf;

/** Why this file is not an executable for the target; undefined where it is. */
export function formatProblem(file: Buffer, target: Target): string | undefined {
  switch (target.os) {
    case 'linux':
      return elfProblem(file, target);
    case 'darwin':
      return file.readUInt32LE(0) !== machMagic || file.readUInt32LE(4) !== machCpus[target.cpu]
        ? `no Mach-O executable for ${target.cpu}`
        : undefined;
    case 'win32':
      return peProblem(file, target);
  }
}

function elfProblem(file: Buffer, { cpu, libc }: Target): string | undefined {
  if (file.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') return 'no 64-bit ELF file';
  if (file.readUInt16LE(elf.machine) !== elfMachines[cpu]) return `no ELF file for ${cpu}`;
  const start = Number(file.readBigUInt64LE(elf.headers));
  const size = file.readUInt16LE(elf.headerSize);
  for (let index = 0; index < file.readUInt16LE(elf.headerCount); index += 1) {
    const at = start + index * size;
    if (file.readUInt32LE(at) !== elf.interpreter) continue;
    const offset = Number(file.readBigUInt64LE(at + 8));
    const loader = file.toString('latin1', offset, offset + Number(file.readBigUInt64LE(at + 32)) - 1);
    return loader.includes('musl') === (libc === 'musl')
      ? undefined
      : `its loader ${loader} is not that of ${libc}`;
  }
  return 'an ELF file without a loader';
}

function peProblem(file: Buffer, { cpu }: Target): string | undefined {
  const header = file.toString('latin1', 0, 2) === 'MZ' ? file.readUInt32LE(0x3c) : undefined;
  if (header === undefined || file.toString('latin1', header, header + 4) !== 'PE\0\0') return 'no PE file';
  return file.readUInt16LE(header + 4) === peMachines[cpu] ? undefined : `no PE file for ${cpu}`;
}
