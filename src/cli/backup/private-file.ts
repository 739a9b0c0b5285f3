import { open, rename, rm } from 'node:fs/promises';

/** Writes a file that only its owner may read, whole or not at all. Throws what the file system throws. */
export async function writePrivately(target: string, content: Uint8Array): Promise<void> {
  const next = `${target}.${process.pid}.tmp`;
  try {
    const file = await open(next, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, target);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
