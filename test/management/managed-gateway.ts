/** A gateway with a management key and an `auth-dir` of its own, asked as its clients ask. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/protocols/json.ts';
import { startTested } from '../gateway-harness.ts';
import { declaredText } from './described.ts';

const managementKey = 'management-key-of-the-tests';

export interface Answered {
  status: number;
  /** Undefined where the body is empty or no JSON. */
  body: ReturnType<typeof JSON.parse>;
  text: string;
  headers: Headers;
}

export interface ManagedGateway extends AsyncDisposable {
  url: string;
  directory: string;
  /** `path` is below `/v0/management/`, or whole where it begins with a slash. Throws where the OpenAPI document says otherwise. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  put(name: string, content: object): void;
  reconfigure(settings: JsonObject): Promise<void>;
}

export async function managedGateway(
  settings: JsonObject = {},
  files: Record<string, object> = {},
): Promise<ManagedGateway> {
  const directory = mkdtempSync(join(tmpdir(), 'cli-proxy-api-managed-'));
  const put = (name: string, content: object) =>
    writeFileSync(join(directory, name), JSON.stringify(content), { mode: 0o600 });
  for (const [name, content] of Object.entries(files)) put(name, content);
  const own = (given: JsonObject): JsonObject => ({
    'auth-dir': directory,
    'remote-management': { 'secret-key': managementKey },
    ...given,
  });
  const gateway = await startTested(own(settings));
  return {
    url: gateway.url,
    directory,
    put,
    reconfigure: (next) => gateway.reconfigure(own(next)),
    async ask(method, path, body, headers = {}) {
      const isText = typeof body === 'string' || body instanceof FormData || body === undefined;
      const address = `${gateway.url}${path.startsWith('/') ? path : `/v0/management/${path}`}`;
      const response = await fetch(address, {
        method,
        headers: {
          ...(headers.authorization === undefined && { authorization: `Bearer ${managementKey}` }),
          ...(!isText && { 'content-type': 'application/json' }),
          ...headers,
        },
        redirect: 'manual',
        ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
      });
      const text = await declaredText(method, address, response);
      return { status: response.status, body: parsed(text), text, headers: response.headers };
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
