/**
 * Whole requests as files, for their owner to see what went where (`request-log`, `error-logs-max-files`): what the client sent,
 * what went to providers and came back, what the client got. One file a request, readable by its owner alone, with secrets masked
 * and of bounded size.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../ground/clock.ts';
import { errorCode } from '../../ground/error-code.ts';
import { yieldToEventLoop } from '../../ground/steps.ts';
import type { Protocol } from '../../protocols/model.ts';
import { keepNewest, keepWithin } from '../../telemetry/log-retention.ts';
import { keptBytes, type Room } from './kept-bytes.ts';
import { maskedBody, maskedHeader, maskedUrl, withoutKnown } from './masking.ts';

export interface RequestLogOptions {
  directory: string;
  /** Bytes that all log files of the directory come to at most. */
  mostBytes: number;
  /** Only requests that failed are written, and so many of the newest kept; undefined writes every one. */
  newestFailures?: number | undefined;
  /** Milliseconds since the epoch. */
  now: Clock['now'];
  /** Called once for each way in which files cannot be written. */
  warn: (sentence: string) => void;
}

export interface RequestLog {
  begin(request: LoggedRequest): Transcript;
  /** Something of a request could not be written down. */
  lost(error: unknown): void;
  /** Resolves when what has ended is on disk. */
  written(): Promise<void>;
}

export interface LoggedRequest {
  id: string;
  protocol: Protocol;
  operation: string;
  model: string;
  headers: Headers;
  body: Uint8Array | string;
  stream?: boolean;
  query?: string;
}

/** What is remembered of one request until it is over. */
export interface Transcript {
  /** A call to a provider; `secrets` are what proves who is asking, and what else the owner has written into its head. */
  call(call: LoggedCall): CallTranscript;
  /** The answer to the client begins. */
  answered(status: number, headers: Readonly<Record<string, string>>): void;
  piece(bytes: Uint8Array | string): void;
  /** The answer breaks off; it needs no status for that. */
  failed(): void;
  /** Writes the file; only the first time counts. */
  end(note?: string): void;
}

export interface LoggedCall {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array | string;
  secrets: readonly string[];
  /** Who is asked. */
  to?: { id: string; label: string; provider: string; account: boolean; baseUrl: string };
}

export interface CallTranscript {
  answered(status: number, headers: Headers): void;
  piece(bytes: Uint8Array): void;
  failed(message: string): void;
}

/** Bytes that are kept of any one body, and of all of one request. */
const mostOfBody = 1024 * 1024;
const mostOfRequest = 8 * 1024 * 1024;
/** Files are counted again after so many. */
const countedEvery = 16;

/** A body as text, as far as it is kept. */
function collector(room: Room) {
  const kept = keptBytes(mostOfBody, room);
  return {
    add: kept.add,
    text(known: Mask): string {
      const text = maskedBody(new TextDecoder().decode(kept.bytes()), known);
      return kept.cut() > 0 ? `${text}\n[… ${kept.cut()} more bytes]` : text;
    },
  };
}

/** What the names of files of failed requests begin with. */
const failurePrefix = 'error-';

export function createRequestLog(options: RequestLogOptions): RequestLog {
  const { directory, mostBytes, newestFailures, now, warn } = options;
  let written = 0;
  let last: Promise<void> = Promise.resolve();
  const pending: { name: string; parts: readonly (() => string)[] }[] = [];
  const warned = new Set<string>();

  function save(name: string, parts: readonly (() => string)[]): void {
    pending.push({ name, parts });
    // When requests fail faster than the disk takes them, the older ones would be removed again anyhow.
    if (newestFailures !== undefined && pending.length > newestFailures) pending.shift();
    last = last.then(async () => {
      const file = pending.shift();
      if (file === undefined) return;
      try {
        const text: string[] = [];
        for (const part of file.parts) {
          // To look through a long one takes as long as a request may.
          await yieldToEventLoop();
          text.push(part());
        }
        await writeFile(join(directory, file.name), text.join('\n'), { mode: 0o600, flag: 'wx' });
        if (newestFailures !== undefined) keepNewest(directory, failurePrefix, newestFailures);
        if (written % countedEvery === 0) keepWithin(directory, mostBytes, 'main.log');
        written += 1;
      } catch (error) {
        lost(error);
      }
    });
  }

  function lost(error: unknown): void {
    const code = errorCode(error) ?? String(error);
    if (!warned.has(code)) warn(`a request could not be written to ${directory}: ${code}`);
    warned.add(code);
  }

  return {
    written: () => last,
    lost,
    begin(request) {
      const room = { left: mostOfRequest };
      const secrets = new Set(keysIn(request.headers));
      const asked = collector(room);
      asked.add(request.body);
      const calls: ((known: Mask) => string)[][] = [];
      const answer = collector(room);
      let answerHead: (known: Mask) => string = () => '(none)\n';
      let failed = false;
      let ended = false;
      const begun = now();
      return {
        call({ url, headers, body, secrets: own }) {
          for (const secret of own) secrets.add(secret);
          const sent = collector(room);
          sent.add(body);
          const got = collector(room);
          let head: (known: Mask) => string = () => '(no answer)';
          const number = calls.length + 1;
          calls.push([
            (known) =>
              `=== API REQUEST ${number} ===\n${maskedUrl(url)}\n${headerLines(Object.entries(headers), known)}`,
            (known) => `${sent.text(known)}\n`,
            (known) => `=== API RESPONSE ${number} ===\n${head(known)}`,
            (known) => `${got.text(known)}\n`,
          ]);
          return {
            answered(status, answerHeaders) {
              const lines = [...answerHeaders];
              head = (known) => `Status: ${status}\n${headerLines(lines, known)}`;
            },
            piece: got.add,
            failed(message) {
              head = (known) => maskedBody(message, known);
            },
          };
        },
        answered(status, headers) {
          failed ||= status >= 400;
          const lines = Object.entries(headers);
          answerHead = (known) => `Status: ${status}\n${headerLines(lines, known)}`;
        },
        piece: answer.add,
        failed() {
          failed = true;
        },
        end(note) {
          if (ended) return;
          ended = true;
          if (newestFailures !== undefined && !failed) return;
          const { id, protocol, operation, model } = request;
          const time = new Date(begun).toISOString();
          const info = `Id: ${id}\nTime: ${time}\nClient: ${protocol} ${operation}\nModel: ${model}\nMilliseconds: ${Math.round(now() - begun)}\n`;
          const known = withoutKnown(secrets);
          const asking = [...request.headers];
          const parts = [
            () => `=== REQUEST INFO ===\n${info}${note === undefined ? '' : `Ended: ${note}\n`}`,
            () => `=== HEADERS ===\n${headerLines(asking, known)}`,
            () => `=== REQUEST BODY ===\n${asked.text(known)}\n`,
            ...calls.flat().map((part) => () => part(known)),
            () => `=== RESPONSE ===\n${answerHead(known)}\n${answer.text(known)}\n`,
          ];
          const prefix = newestFailures === undefined ? '' : failurePrefix;
          save(`${prefix}${protocol}-${operation}-${time.replaceAll(':', '-')}-${id}.log`, parts);
        },
      };
    },
  };
}

type Mask = (text: string) => string;

function headerLines(headers: readonly (readonly [string, string])[], known: Mask): string {
  return headers.map(([name, value]) => `${name}: ${known(maskedHeader(name, value))}\n`).join('');
}

/** The client's own key, in any place. */
function keysIn(headers: Headers): string[] {
  return ['authorization', 'x-api-key', 'x-goog-api-key'].flatMap((name) => {
    const value = headers.get(name)?.replace(/^bearer\s+/i, '');
    return value ? [value] : [];
  });
}
