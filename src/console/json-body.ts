import { parsed } from '../management/body.ts';

/** The JSON of a request with a content-length; undefined where that is more than `most` bytes, or the body is not JSON. */
export async function jsonOf(request: Request, most: number): Promise<unknown> {
  if (Number(request.headers.get('content-length') ?? most + 1) > most) return undefined;
  try {
    return parsed(await request.bytes());
  } catch {
    return undefined;
  }
}
