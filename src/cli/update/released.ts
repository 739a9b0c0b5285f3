/** The latest release of a release server, accepted only with a valid signature. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { reasonOf } from '../../ground/reason.ts';
import { parseJson } from '../../protocols/json.ts';
import { Failure } from '../failure.ts';
import { programInside } from './program-inside.ts';
import { isSigned } from './signature.ts';

/** Bytes of the list, and of an archive and what is in it, that are read at most. */
const mostList = 256 * 1024;
const mostProgram = 400e6;
/** Milliseconds for the list, and for a program. */
const listTime = 30_000;
const programTime = 15 * 60_000;

const latest = z.object({
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  /** By the platform's name: the archive that has the executable. An address may be relative to the list's. */
  files: z.record(z.string(), z.object({ url: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});
export type Latest = z.infer<typeof latest>;

/** Reads `latest.json` and its signature. Throws a {@link Failure} where no key of ours has signed it. */
export async function latestRelease(from: string, keys: readonly string[]): Promise<Latest> {
  const list = `${from.replace(/\/$/, '')}/latest.json`;
  const [content, signature] = [
    await fetched(list, mostList, listTime),
    await fetched(`${list}.minisig`, mostList, listTime),
  ];
  if (!isSigned(content, signature.toString(), keys))
    throw new Failure('failure', `${list} is not signed by a key of this program: nothing was changed`);
  const parsed = latest.safeParse(parseJson(content.toString()));
  if (!parsed.success) throw new Failure('failure', `${list} is signed, but is no list of a release`);
  return parsed.data;
}

/** The executable for a platform. Throws a {@link Failure} where it is missing or is not what was signed. */
export async function releasedProgram(
  from: string,
  { files, version }: Latest,
  platform: string,
): Promise<Buffer> {
  const file = files[platform];
  if (file === undefined) throw new Failure('failure', `version ${version} has no program for ${platform}`);
  const content = await fetched(
    new URL(file.url, `${from.replace(/\/$/, '')}/`).href,
    mostProgram,
    programTime,
  );
  if (createHash('sha256').update(content).digest('hex') !== file.sha256)
    throw new Failure('failure', 'what was downloaded is not what was signed: nothing was changed');
  return programInside(content, mostProgram);
}

async function fetched(url: string, most: number, patience: number): Promise<Buffer> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patience) });
    if (!response.ok) throw new Error(`it answers ${response.status}`);
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      size += part.length;
      if (size > most) throw new Error(`it is larger than ${most} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (error) {
    throw new Failure('unavailable', `${url} cannot be read: ${reasonOf(error)}`);
  }
}
