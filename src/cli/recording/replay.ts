import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Bundle, RecordedAttempt, RecordedExchange } from '../../recording/bundle.ts';
import type { Difference } from '../../recording/compared.ts';
import { printable } from '../../telemetry/printable.ts';
import { defineCommand } from '../command.ts';
import { Failure } from '../failure.ts';
import type { Output, Shell } from '../shell.ts';
import { version } from '../version.ts';
import type { StandIn } from './stand-in.ts';

/** What came of one exchange. */
interface Replayed {
  same: boolean;
  status: { recorded: number | null; now: number };
  differences: Difference[];
  /** What providers were asked, where that is not what they were asked then. */
  asked: { attempt: number; differences: Difference[] }[];
}

export const command = defineCommand('replay', {
  summary: 'Play a recording: the same request against the same answers of providers, and what differs now',
  words: { shown: 'FILE', limit: 1 },
  options: {
    sandbox: {
      type: 'boolean',
      meaning: 'Let the built-in sandbox answer, not the recording: is the request one that providers take?',
    },
    json: { type: 'boolean', meaning: 'Print JSON' },
  },
  details: `FILE was written by "record". A separate gateway is started, with stubs for the recorded credentials that return the
recorded responses chunk by chunk; your config, your accounts and the network are not used. The client's response and
the requests to providers are compared, except for identifiers and times. Exits with 1 if something differs.`,
  async run({ values, positionals: [name] }, shell) {
    if (name === undefined) throw new Failure('usage', 'which recording?', 'cli-proxy-api replay FILE');
    const bundle = await readFrom(resolve(name));
    const results: Replayed[] = [];
    for (const exchange of bundle.exchanges) results.push(await replayed(exchange, values.sandbox === true));
    const same = results.every((result) => result.same);
    if (values.json)
      shell.out.write(`${JSON.stringify({ same, recordedBy: bundle.version, exchanges: results })}\n`);
    else say(bundle, results, values.sandbox === true, shell);
    return same ? 'ok' : 'failure';
  },
});

/** Bytes of a recording: twenty exchanges at their bound, as JSON. */
const mostBytes = 512 * 1024 * 1024;

async function readFrom(path: string): Promise<Bundle> {
  const { readBundle } = await import('../../recording/bundle.ts');
  const file = Bun.file(path);
  if (!(await file.exists())) throw new Failure('failure', `${path} is not there, or is no file`);
  if (file.size > mostBytes) throw new Failure('failure', `${path} is larger than any recording`);
  const read = readBundle(await file.text());
  if (!read.ok) throw new Failure('failure', `${path}: ${read.sentence}`);
  if (read.bundle.exchanges.length === 0) throw new Failure('failure', `${path} has no request in it`);
  return read.bundle;
}

/** Plays one exchange against a gateway of its own, which is gone afterwards. */
async function replayed(exchange: RecordedExchange, inSandbox: boolean): Promise<Replayed> {
  const { request, attempts } = exchange;
  const cut = [request.body, ...attempts.flatMap(({ answer }) => answer?.body ?? [])].some(
    (body) => body.cut !== undefined,
  );
  if (cut) throw new Failure('failure', 'a body in it is cut off at its bound, so it cannot be played');
  const { replayConfig } = await import('./replay-config.ts');
  await using upstream = inSandbox ? await sandboxed() : await recordedUpstream(attempts);
  const made = replayConfig(exchange, upstream.baseUrl);
  if (!made.ok) throw new Failure('failure', made.sentence);
  const home = await mkdtemp(join(tmpdir(), 'cli-proxy-api-replay-'));
  try {
    const authDir = join(home, 'accounts');
    await mkdir(authDir, { mode: 0o700 });
    for (const { name, content } of made.accounts)
      await Bun.write(join(authDir, name), JSON.stringify(content));
    const answer = await answered(request, { ...made.settings, 'auth-dir': authDir });
    return inSandbox ? fromSandbox(exchange, answer.status) : result(exchange, answer, upstream.asked);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function recordedUpstream(attempts: readonly RecordedAttempt[]): Promise<StandIn> {
  const { startStandIn } = await import('./stand-in.ts');
  return startStandIn(attempts);
}

/** Providers that refuse what the real ones refuse. */
async function sandboxed(): Promise<StandIn> {
  const { startSandbox } = await import('../../../sandbox/start.ts');
  const sandbox = await startSandbox({ port: 0, hostname: '127.0.0.1', anyModel: true });
  return {
    asked: [],
    baseUrl: ({ baseUrl }) => `${sandbox.url}${URL.parse(baseUrl)?.pathname.replace(/\/+$/, '') ?? ''}`,
    [Symbol.asyncDispose]: () => sandbox.stop(),
  };
}

async function answered(
  request: RecordedExchange['request'],
  settings: Record<string, unknown>,
): Promise<{ status: number; body: string }> {
  const { parseConfig } = await import('../../config/load.ts');
  const { startGateway } = await import('../../server/start.ts');
  const { createLog } = await import('../../telemetry/log.ts');
  const { bytesOf } = await import('../../recording/bundle.ts');
  const { replayKey } = await import('./replay-config.ts');
  // JSON is YAML, too.
  const parsed = parseConfig(JSON.stringify(settings), {
    file: 'replay.yaml',
    env: { HOME: '/nonexistent' },
  });
  if (!parsed.ok)
    throw new Failure('failure', `no gateway can be made for it: ${parsed.problems[0]?.message ?? ''}`);
  const gateway = await startGateway({
    config: parsed.config,
    version,
    log: createLog({ level: 'silent', format: 'json' }),
  });
  try {
    const headers = new Headers(
      request.headers.filter(
        ([name, value]) =>
          value !== '[removed]' && !/^(?:content-length|connection|accept-encoding)$/i.test(name),
      ),
    );
    headers.set('authorization', `Bearer ${replayKey}`);
    const response = await fetch(`${gateway.url}${await pathOf(request)}`, {
      method: 'POST',
      headers,
      body: bytesOf(request.body),
    });
    const body = await response.text().catch((error: unknown) => `(broken off: ${String(error)})`);
    return { status: response.status, body };
  } finally {
    await gateway.stop();
  }
}

/** Its text is invented: only whether the provider answered can be compared. */
function fromSandbox({ answer }: RecordedExchange, now: number): Replayed {
  const recorded = answer?.status ?? null;
  return { same: recorded === now, status: { recorded, now }, differences: [], asked: [] };
}

/** With the query, in which Gemini clients choose the form of a stream. */
async function pathOf({
  protocol,
  operation,
  model,
  stream,
  query,
}: RecordedExchange['request']): Promise<string> {
  const { addressOf } = await import('../../server/routes.ts');
  const address = addressOf(protocol, operation, { model, stream });
  if (address === undefined)
    throw new Failure('failure', `requests of the kind "${operation}" are not played`);
  return query === '' ? address : `${address}?${query}`;
}

async function result(
  { answer, attempts }: RecordedExchange,
  now: { status: number; body: string },
  asked: StandIn['asked'],
): Promise<Replayed> {
  const { comparedBodies } = await import('../../recording/compared.ts');
  const differences = comparedBodies(answer?.body.text ?? '', now.body);
  const calls = Math.max(attempts.length, asked.length);
  const changed = Array.from({ length: calls }, (_, index) => ({
    attempt: index + 1,
    differences: comparedCall(attempts[index], asked[index], comparedBodies),
  })).filter((call) => call.differences.length > 0);
  const recorded = answer?.status ?? null;
  return {
    same: recorded === now.status && differences.length === 0 && changed.length === 0,
    status: { recorded, now: now.status },
    differences,
    asked: changed,
  };
}

function comparedCall(
  recorded: RecordedAttempt | undefined,
  now: StandIn['asked'][number] | undefined,
  comparedBodies: (recorded: string, now: string) => Difference[],
): Difference[] {
  if (now === undefined) return [{ where: 'the call', recorded: 'was made', now: 'is not made' }];
  if (recorded === undefined) return [{ where: 'the call', recorded: 'was not made', now: 'is made' }];
  const before = URL.parse(recorded.url)?.pathname ?? '';
  const paths =
    before === now.path.replace(/\?.*$/s, '') ? [] : [{ where: 'path', recorded: before, now: now.path }];
  return [...paths, ...comparedBodies(recorded.body.text ?? '', now.body)];
}

function say(bundle: Bundle, results: readonly Replayed[], inSandbox: boolean, { out, err }: Shell): void {
  results.forEach(({ same, status, differences, asked }, index) => {
    const request = bundle.exchanges[index]?.request;
    out.write(
      `${index + 1}. ${request?.protocol} ${request?.operation}, ${printable(request?.model ?? '')}: ${status.recorded ?? 'no answer'} then, ${status.now} now; ${same ? out.style('green', 'the same') : out.style('yellow', 'not the same')}\n`,
    );
    // The sandbox's text is not the provider's.
    if (inSandbox) return;
    printDifferences('answer', differences, out);
    for (const call of asked)
      printDifferences(`request to the provider, attempt ${call.attempt}`, call.differences, out);
  });
  if (bundle.version !== version)
    err.write(`It was recorded by version ${bundle.version}; this is ${version}.\n`);
}

function printDifferences(what: string, differences: readonly Difference[], { write, style }: Output): void {
  if (differences.length === 0) return;
  write(`  ${what}:\n`);
  for (const { where, recorded, now } of differences)
    write(
      `    ${where}\n${style('red', `    - ${printable(recorded)}`)}\n${style('green', `    + ${printable(now)}`)}\n`,
    );
}
