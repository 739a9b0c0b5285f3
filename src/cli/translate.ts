import { suggestion } from '../config/suggestion.ts';
import { reasonOf } from '../ground/reason.ts';
import type { Loss } from '../protocols/codec.ts';
import { type Protocol, protocols } from '../protocols/model.ts';
import { protocolNamed, protocolNames } from '../protocols/names.ts';
import { defineCommand } from './command.ts';
import { Failure } from './failure.ts';
import { columns } from './help.ts';
import type { Shell } from './shell.ts';

export const command = defineCommand('translate', {
  summary: 'Show what a request becomes for an upstream and what is lost on the way, without calling anyone',
  words: { shown: '[FILE]', limit: 1 },
  options: {
    from: { type: 'string', value: 'PROTOCOL', meaning: "The client's protocol" },
    to: { type: 'string', value: 'PROTOCOL', meaning: "The upstream's protocol" },
    model: { type: 'string', value: 'NAME', meaning: 'The model, instead of the one in the request' },
    stream: { type: 'boolean', meaning: 'Ask for a stream, as "stream": true in the request does' },
    json: { type: 'boolean', meaning: 'Print one JSON object: body and losses (kind, field, detail)' },
  },
  details: `Protocols: openai-chat, openai-responses, anthropic-messages, gemini; chat, responses and anthropic for short.
The request is read from FILE or from standard input. The upstream's body goes to standard output, the report of
what was dropped, approximated or renamed to standard error.`,
  async run({ values, positionals }, shell) {
    const from = protocolOf('from', values.from);
    const to = protocolOf('to', values.to);
    const bytes = await requestBytes(positionals[0], shell);
    const { bodyRefusal } = await import('../server/call-envelope.ts');
    const refused = bodyRefusal(bytes, from);
    if (refused !== undefined) throw new Failure('failure', refused.message);
    const { InvalidRequest } = await import('../protocols/invalid-request.ts');
    const { translateRequest } = await import('../gateway/translate-request.ts');
    try {
      const asked = { from, to, model: values.model, stream: values.stream === true };
      const { body, losses } = translateRequest(bytes, asked);
      if (values.json) {
        shell.out.write(`${JSON.stringify({ body, losses })}\n`);
      } else {
        shell.out.write(`${JSON.stringify(body, null, 2)}\n`);
        shell.err.write(reportText(losses));
      }
      return 'ok' as const;
    } catch (error) {
      if (error instanceof InvalidRequest) throw new Failure('failure', error.message);
      throw error;
    }
  },
});

function protocolOf(option: 'from' | 'to', name: string | undefined): Protocol {
  const names = protocols;
  if (name === undefined)
    throw new Failure('usage', `--${option} is missing`, `Write one of: ${names.join(', ')}.`);
  const protocol = protocolNamed(name);
  if (protocol !== undefined) return protocol;
  const guess = suggestion(name, Object.keys(protocolNames));
  const hint = guess === undefined ? `Write one of: ${names.join(', ')}.` : `Did you mean ${guess}?`;
  throw new Failure('usage', `--${option} must be a protocol, found "${name}"`, hint);
}

async function requestBytes(file: string | undefined, shell: Shell): Promise<Uint8Array<ArrayBuffer>> {
  if (file !== undefined) {
    try {
      return await Bun.file(file).bytes();
    } catch (error) {
      const reason = reasonOf(error);
      throw new Failure('failure', `cannot read ${file}: ${reason}`);
    }
  }
  if (shell.in.terminal)
    throw new Failure('usage', 'there is no request', 'Name a file or pipe one in: … < request.json');
  return shell.in.bytes();
}

/** The report for people: one line for each thing that changed, alike ones counted. */
function reportText(losses: readonly Loss[]): string {
  if (losses.length === 0) return 'Nothing is lost.\n';
  const counts = new Map<string, { loss: Loss; count: number }>();
  for (const loss of losses) {
    const key = JSON.stringify([loss.kind, loss.field, loss.detail]);
    counts.set(key, { loss, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const rows = [...counts.values()].map(({ loss: { kind, field, detail }, count }) => [
    kind,
    count === 1 ? field : `${field} (${count} times)`,
    detail ?? '',
  ]);
  return `What changes on the way:\n${columns(rows)}\n`;
}
