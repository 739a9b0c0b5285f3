/** What a server writes, whatever it is and however it is cut, is an answer or an error; the next request gets its own. */
import fc from 'fast-check';
import { createHttpClient } from '../../../src/http-client/client.ts';
import { answer, scriptedServer } from '../../../src/http-client/fixtures/scripted-server.ts';
import type { HttpResponse } from '../../../src/http-client/message.ts';
import { arbitraryCuts, mutatedText, pieces } from '../hostile.ts';
import { demandSame } from '../oracle.ts';
import { target } from '../target.ts';

const head = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';
const answers = [
  answer('{"a":1}'),
  answer('{"a":1}', 'Connection: keep-alive', 'Keep-Alive: timeout=5'),
  `${head}Transfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n3;x=y\r\n:1}\r\n0\r\nTrailer: x\r\n\r\n`,
  `${head}Connection: close\r\n\r\n{"a":1}`,
  `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${answer('{"a":1}')}`,
  `${head}Content-Length: 7\r\nContent-Length: 7\r\n\r\n{"a":1}`,
  `${head}Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\n{"a":1}`,
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n',
];

/** Milliseconds until a client that still waits gives up: the server has said all that it will. */
const patience = 40;
/** The same for an answer that must come, however busy the computer is. */
const longPatience = 4000;

async function ask(
  client: ReturnType<typeof createHttpClient>,
  url: string,
  patience: number,
): Promise<string | Error> {
  let cancel = (_: Error): void => {};
  const timer = setTimeout(() => cancel(new Error('given up')), patience);
  try {
    const answered: HttpResponse = await client.send(
      { method: 'POST', url, headers: { accept: '*/*' }, body: '{}' },
      {
        cancelled: undefined,
        whenCancelled(run) {
          cancel = run;
        },
      },
    );
    for (const [name, value] of answered.headers) if (name === '') throw new TypeError(`no name: ${value}`);
    return Buffer.from(await answered.bytes()).toString();
  } catch (error) {
    if (error instanceof TypeError || !(error instanceof Error)) throw error;
    return error;
  } finally {
    clearTimeout(timer);
  }
}

export const httpAnswerTarget = target(
  'answers of servers',
  fc.record({ text: mutatedText(answers), cuts: arbitraryCuts, closes: fc.boolean() }),
  async ({ text, cuts, closes }) => {
    const server = scriptedServer((connection) => {
      if (!connection.received.includes('\r\n\r\n{}')) return;
      const next = connection.received.includes('/next ');
      connection.received = '';
      if (next) {
        connection.write(answer('next'));
        return;
      }
      for (const piece of pieces(Buffer.from(text), cuts)) connection.write(piece);
      if (closes) connection.end();
    });
    const client = createHttpClient();
    try {
      await ask(client, `${server.url}/hostile`, patience);
      demandSame(await ask(client, `${server.url}/next`, longPatience), 'next', 'the next answer');
    } finally {
      client.close();
      server.stop();
    }
  },
  25,
);
