/** What an open console costs the gateway while ten requests a second run, and how fast its first page is there. */
import { startChromium } from '../test/chromium.ts';
import { type Contender, clientKey, startGateway, startUpstream, variantOf } from './contenders.ts';
import { requestOf } from './conversation.ts';
import { cpuTime, median } from './process.ts';

const managementKey = 'management-key-of-the-benchmark';
const requestsASecond = 10;
/** Milliseconds of a round: the console looks at what costs more every two seconds. */
const length = 20_000;
const accounts = 1000;

/** A line for each figure. With and without an open console take turns: what else the computer does is in both. */
export async function* consoleLines(rounds: number): AsyncGenerator<string> {
  const upstream = await startUpstream();
  const gateway = await startGateway(
    variantOf('console', {
      'remote-management': { 'secret-key': managementKey },
      // As many as the console is made for; none of them serves what is asked for.
      'claude-api-key': Array.from({ length: accounts }, (_, at) => ({
        'api-key': `key-number-${at}-of-many`,
        models: [{ name: 'never-asked-for' }],
      })),
    }),
  );
  const url = `http://127.0.0.1:${gateway.port}`;
  const stopLoad = load(url);
  try {
    const cookie = await signedIn(url);
    await Bun.sleep(5000);
    const shares: Record<'closed' | 'open', number[]> = { closed: [], open: [] };
    for (let round = 0; round < rounds; round += 1) {
      shares.closed.push(await share(gateway));
      const close = await openStream(url, cookie);
      // What is sent when it opens is another matter.
      await Bun.sleep(3000);
      shares.open.push(await share(gateway));
      close();
    }
    const [closed, open] = [median(shares.closed), median(shares.open)];
    yield `CPU of the gateway at ${requestsASecond} requests/s, no console open: ${closed.toFixed(2)} %`;
    yield `the same with one open, ${accounts} accounts:             ${open.toFixed(2)} %`;
    yield `an open console costs:                              ${(open - closed).toFixed(2)} % (at most 2)`;
    yield `first paint on loopback, ms:                        ${(await firstPaints(url, rounds)).join(', ')} (at most 300)`;
  } finally {
    stopLoad();
    await gateway.stop();
    await upstream.stop();
  }
}

/** Sends requests at a steady pace until it is stopped. */
function load(url: string): () => void {
  const { path, body } = requestOf('openai-chat', 'openai-chat-json', false, 1000);
  const text = JSON.stringify(body);
  const timer = setInterval(() => {
    void fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
      body: text,
    })
      .then((answer) => answer.bytes())
      .catch(() => undefined);
  }, 1000 / requestsASecond);
  return () => clearInterval(timer);
}

async function signedIn(url: string): Promise<string> {
  const answer = await fetch(`${url}/console/api/session`, {
    method: 'POST',
    headers: { 'x-console': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ key: managementKey }),
  });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** Reads the event stream as a browser does. */
async function openStream(url: string, cookie: string): Promise<() => void> {
  const leaving = new AbortController();
  const answer = await fetch(`${url}/console/api/events`, {
    headers: { cookie, 'sec-fetch-site': 'same-origin' },
    signal: leaving.signal,
  });
  if (!answer.ok) throw new Error(`The event stream was refused with ${answer.status}.`);
  void answer.body?.pipeTo(new WritableStream()).catch(() => undefined);
  return () => leaving.abort();
}

/** Percent of one core that the gateway takes. */
async function share({ pid = 0 }: Contender): Promise<number> {
  const [before, from] = [cpuTime(pid), performance.now()];
  await Bun.sleep(length);
  return ((cpuTime(pid) - before) / 1000 / (performance.now() - from)) * 100;
}

/** Milliseconds until a browser that has never been there paints something. */
async function firstPaints(url: string, rounds: number): Promise<number[]> {
  const browser = await startChromium();
  try {
    const paints: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${url}/console/`);
      await page.locator('h1').waitFor();
      const paint = await page.evaluate<number>(
        `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`,
      );
      paints.push(Math.round(paint));
      await context.close();
    }
    return paints;
  } finally {
    await browser.close();
  }
}
