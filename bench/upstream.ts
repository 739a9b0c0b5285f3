/** The upstream of every contender: `upstream.ts PORT`. Answers were computed before; what is left are system calls. */
import { type Protocol, protocols } from '../src/protocols/model.ts';
import { type Mode, streamedAnswer, wholeAnswer } from './conversation.ts';
import { type MessageReader, messageReader } from './http-messages.ts';

interface Answers {
  json: Buffer;
  sse: Buffer;
  head: Buffer;
  frames: Buffer[];
  end: Buffer;
}

interface Connection {
  reader: MessageReader;
  path: string;
  timer: ReturnType<typeof setInterval> | undefined;
}

const answers = Object.fromEntries(protocols.map((protocol) => [protocol, answersOf(protocol)]));

function answersOf(protocol: Protocol): Answers {
  const whole = JSON.stringify(wholeAnswer(protocol));
  const head =
    'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n';
  const frames = streamedAnswer(protocol).map((text) => {
    const size = Buffer.byteLength(text).toString(16);
    return `${size}\r\n${text}\r\n`;
  });
  const end = '0\r\n\r\n';
  return {
    json: Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(whole)}\r\n\r\n${whole}`,
    ),
    sse: Buffer.from(head + frames.join('') + end),
    head: Buffer.from(head),
    frames: frames.map((frame) => Buffer.from(frame)),
    end: Buffer.from(end),
  };
}

const refusalBody = '{"error":{"message":"spent","type":"rate_limit_error"}}';
const refusal = Buffer.from(
  `HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: ${refusalBody.length}\r\n\r\n${refusalBody}`,
);

function protocolOf(path: string): Protocol | undefined {
  if (path.includes('/chat/completions')) return 'openai-chat';
  if (path.includes('/responses')) return 'openai-responses';
  if (path.includes('/messages')) return 'anthropic-messages';
  return path.includes('enerateContent') ? 'gemini' : undefined;
}

function modeOf(path: string): Mode | undefined {
  const mode = path.split('/', 2)[1];
  return mode === 'json' || mode === 'failing' || mode === 'sse' || mode === 'paced' || mode === 'held'
    ? mode
    : undefined;
}

function answer(socket: Bun.Socket<Connection>): void {
  const { path } = socket.data;
  if (path.startsWith('/refused/')) {
    socket.write(refusal);
    return;
  }
  const protocol = protocolOf(path);
  const found = protocol === undefined ? undefined : answers[protocol];
  const mode = modeOf(path);
  if (found === undefined || mode === undefined) {
    socket.write('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  switch (mode) {
    case 'json':
    case 'failing':
      socket.write(found.json);
      return;
    case 'sse':
      socket.write(found.sse);
      return;
    case 'held':
      socket.write(found.head);
      for (const frame of found.frames.slice(0, 3)) socket.write(frame);
      return;
    case 'paced': {
      let next = 0;
      socket.write(found.head);
      socket.data.timer = setInterval(() => {
        const frame = found.frames[next];
        next += 1;
        if (frame !== undefined) {
          socket.write(frame);
          return;
        }
        clearInterval(socket.data.timer);
        socket.write(found.end);
      }, 1);
    }
  }
}

Bun.listen<Connection>({
  hostname: '127.0.0.1',
  port: Number(process.argv[2]),
  socket: {
    open(socket) {
      socket.setNoDelay(true);
      const reader = messageReader({
        head(text) {
          const start = text.indexOf(' ') + 1;
          socket.data.path = text.slice(start, text.indexOf(' ', start));
        },
        end: () => answer(socket),
      });
      socket.data = { reader, path: '', timer: undefined };
    },
    data(socket, bytes) {
      socket.data.reader.push(bytes);
    },
    close(socket) {
      clearInterval(socket.data.timer);
    },
  },
});
console.log('ready');
