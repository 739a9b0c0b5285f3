/** The log as a file, files of whole requests, and how a request went where there is no file of it. */

import { readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config/schema.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { explainTrace } from '../gateway/trace/explain-text.ts';
import { readBoundedFile } from '../ground/bounded-file.ts';
import type { Clock } from '../ground/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { logDirectory } from '../telemetry/log-directory.ts';
import { logReader } from './log-reader.ts';
import { attachment, json, jsonText, type Reply, refuse } from './reply.ts';
import { type Route, route } from './route.ts';
import type { UsageAnswers } from './usage-answers.ts';

export interface LogsDeps {
  gateway: Pick<Gateway, 'trace' | 'traces'>;
  config: () => Config;
  log: Pick<Log, 'flush'>;
  now: Clock['now'];
}

/** Lines of an answer without `limit`. */
const usualLines = 5000;
const mostLines = 50_000;
/** Bytes of a file of a request. */
const mostFile = 64 * 1024 * 1024;
/** Traces that are looked through for the end of an id. */
const mostTraces = 2000;

const disabled = () => refuse(400, 'logging to file disabled', { code: 'logging_disabled' });
const logFile = { types: ['text/plain'], file: true };
const positive = /^\d{1,9}$/;

export function logRoutes(
  { gateway, config, log, now }: LogsDeps,
  usage: Pick<UsageAnswers, 'trace'>,
): Route[] {
  const directory = (): string => {
    const { log: settings, 'auth-dir': authDir } = config();
    return logDirectory({
      directory: settings.directory,
      writablePath: process.env.WRITABLE_PATH,
      authDir,
    });
  };
  const readLog = logReader();
  /** The answer of before: those who poll get the same while nothing was read. */
  let answered: { lines: unknown; beside: string; bytes: Uint8Array<ArrayBuffer> } | undefined;
  const names = async (): Promise<string[]> => await readdir(directory()).catch(() => []);

  async function errorLogs(): Promise<Reply> {
    // While whole requests are kept, those that fail are among them.
    if (config()['request-log']) return json({ files: [] });
    const found = (await names()).filter((name) => isErrorLog(name));
    const files = await Promise.all(
      found.map(async (name) => {
        const facts = await stat(join(directory(), name)).catch(() => undefined);
        return facts && { name, size: facts.size, modified: Math.floor(facts.mtimeMs / 1000) };
      }),
    );
    const there = files.filter((file) => file !== undefined);
    return json({ files: there.sort((one, other) => other.modified - one.modified) });
  }

  async function file(name: string, missing: string): Promise<Reply> {
    const path = join(directory(), name);
    const read = await readBoundedFile(path, mostFile).catch(() => undefined);
    return read?.kind === 'read'
      ? attachment(name, new Uint8Array(read.bytes), 'text/plain; charset=utf-8')
      : refuse(404, missing, { code: 'not_found' });
  }

  async function requestLog(id: string | undefined): Promise<Reply> {
    const missing = 'log file not found for the given request ID';
    if (!id) return refuse(400, 'missing request ID', { code: 'missing_parameter' });
    if (!/^[\w-]{4,128}$/.test(id)) return refuse(404, missing, { code: 'not_found' });
    const kept = (await names()).find((name) => name.endsWith(`-${id}.log`) || name.endsWith(`${id}.log`));
    if (kept !== undefined) return file(kept, missing);
    const trace =
      gateway.trace(id) ??
      gateway.traces(mostTraces).find((one) => one.id.endsWith(id)) ??
      (await usage.trace(id));
    if (trace === undefined) return refuse(404, missing, { code: 'not_found' });
    return attachment(`${trace.id}.log`, explainTrace(trace, now()), 'text/plain; charset=utf-8');
  }

  return [
    route({
      method: 'GET',
      perReplica: true,
      v0: 'logs',
      answers: 'logLines',
      refuses: { 400: ['bad_parameter', 'logging_disabled'] },
      v8: 'observability/logs',
      sentence:
        'The end of the log, in lines: the last `limit`, those `after` a time (Unix seconds), or those that came since a `cursor`. Needs `logging-to-file`.',
      query: z.object({
        limit: z.string().optional(),
        after: z.string().optional(),
        cursor: z.string().max(1024).optional(),
      }),
      async run({ query: { limit, after, cursor } }) {
        if (limit !== undefined && (!positive.test(limit) || Number(limit) === 0))
          return refuse(400, 'invalid limit: must be a positive integer', { code: 'bad_parameter' });
        if (!config()['logging-to-file']) return disabled();
        log.flush();
        const most = Math.min(Number(limit ?? usualLines), mostLines);
        const read = await readLog(directory(), { cursor: cursor || undefined, limit: most }).catch(
          () => undefined,
        );
        if (read === undefined) return disabled();
        const since = Number(after) || 0;
        const lines = since > 0 ? read.lines.filter(({ at }) => at === undefined || at > since) : read.lines;
        const beside = JSON.stringify({
          'line-count': lines.length,
          'latest-timestamp': read.lines.findLast(({ at }) => at !== undefined)?.at ?? since,
          'next-cursor': read.cursor,
          ...(read.reset && { 'cursor-reset': true }),
        });
        if (answered?.lines !== lines || answered.beside !== beside) {
          const text = `{"lines":[${lines.map(({ json: line }) => line).join(',')}],${beside.slice(1)}`;
          answered = { lines, beside, bytes: new TextEncoder().encode(text) };
        }
        return jsonText(answered.bytes);
      },
    }),
    route({
      method: 'DELETE',
      v0: 'logs',
      answers: 'logEmptied',
      refuses: { 400: ['logging_disabled'] },
      v8: 'observability/logs',
      sentence: 'Empties the log, and removes what was in it before.',
      async run() {
        if (!config()['logging-to-file']) return disabled();
        log.flush();
        const old = (await names()).filter((name) => /^main-.*\.log$/.test(name));
        await Promise.all(old.map((name) => rm(join(directory(), name), { force: true })));
        await truncate(join(directory(), 'main.log')).catch(() => {}); // Not there yet.
        return json(
          { success: true, message: 'Logs cleared successfully', removed: old.length },
          { changed: 'the log was emptied' },
        );
      },
    }),
    route({
      method: 'GET',
      perReplica: true,
      v0: 'request-error-logs',
      answers: 'logFiles',
      v8: 'observability/logs/errors',
      sentence:
        'Files of requests that failed (`error-logs-max-files`), newest first; none while `request-log` keeps all.',
      run: errorLogs,
    }),
    route({
      method: 'GET',
      perReplica: true,
      v0: 'request-error-logs/:name',
      answers: logFile,
      refuses: { 404: ['not_found'] },
      v8: 'observability/logs/errors/:name',
      sentence: 'One of them.',
      run: ({ parameter }) =>
        isErrorLog(parameter('name'))
          ? file(parameter('name'), 'log file not found')
          : refuse(404, 'log file not found', { code: 'not_found' }),
    }),
    route({
      method: 'GET',
      perReplica: true,
      v0: 'request-log-by-id/:id',
      answers: logFile,
      refuses: { 404: ['not_found'] },
      v8: 'observability/logs/requests/:id',
      sentence:
        'What is kept of a request, by its id or the end of it: its file, else what it has been through.',
      run: ({ parameter }) => requestLog(parameter('id')),
    }),
    route({
      method: 'GET',
      perReplica: true,
      v0: 'request-log-by-id',
      answers: logFile,
      refuses: { 400: ['missing_parameter'], 404: ['not_found'] },
      sentence: 'The same by `id`.',
      query: z.object({ id: z.string().optional() }),
      run: ({ query }) => requestLog(query.id),
    }),
  ];
}

function isErrorLog(name: string): boolean {
  return /^error-[\w.:@+-]{1,240}\.log$/.test(name);
}
