// Recorded real traffic through a gateway, every client protocol against every upstream protocol; counts what is kept.
// usage: node run.mjs --cmd 'GATEWAY --config {config}' --corpus DIR [--port 18317] [--out details.jsonl] [--every N] [--show NAME]
// The gateway gets a config.yaml (peer's keys) with one key per upstream protocol on loopback. Prints a table; last line: the figure.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { compareRequest, compareResponse, request as RQ, response as RS, sseEvents } from './facts.mjs';

const arg = (n, d) => {
  const i = process.argv.indexOf('--' + n);
  return i < 0 ? d : process.argv[i + 1];
};
const corpus = arg('corpus'),
  port = +arg('port', 18317),
  up = +arg('upstream', 18091),
  every = +arg('every', 1),
  out = arg('out');
const P = {
    'openai-chat': 'chat',
    'openai-responses': 'responses',
    anthropic: 'anthropic',
    gemini: 'gemini',
  },
  protos = Object.values(P);
const model = { chat: 'gpt-m', responses: 'codex-m', anthropic: 'claude-m', gemini: 'gemini-m' };
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fidelity-'));
fs.mkdirSync(path.join(dir, 'auth'));
const config = path.join(dir, 'config.yaml');
fs.writeFileSync(
  config,
  `host: "127.0.0.1"\nport: ${port}\nauth-dir: "${dir}/auth"\napi-keys: ["bench-key"]\nrequest-retry: 0\ndisable-cooling: true\nclaude-api-key:\n  - api-key: up\n    base-url: http://127.0.0.1:${up}\n    models: [{name: claude-up, alias: claude-m}]\ngemini-api-key:\n  - api-key: up\n    base-url: http://127.0.0.1:${up}\n    models: [{name: gemini-up, alias: gemini-m}]\ncodex-api-key:\n  - api-key: up\n    base-url: http://127.0.0.1:${up}/v1\n    models: [{name: codex-up, alias: codex-m}]\nopenai-compatibility:\n  - name: up\n    base-url: http://127.0.0.1:${up}/v1\n    api-key-entries: [{api-key: up}]\n    models: [{name: gpt-up, alias: gpt-m}]\n`,
);
// --- the upstream: answers what the driver has put in `now`, keeps what it was asked in `seen`
let now, seen;
const kind = (p) =>
  p.endsWith('/chat/completions')
    ? 'chat'
    : p.endsWith('/messages')
      ? 'anthropic'
      : p.endsWith('/responses')
        ? 'responses'
        : /generateContent/i.test(p)
          ? 'gemini'
          : '';
const ev = (o) => `event: ${o.type}\ndata: ${JSON.stringify(o)}\n\n`;
const canned = (k, stream) => {
  const u = {
      input_tokens: 3,
      output_tokens: 1,
      total_tokens: 4,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
    item = {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'ok', annotations: [] }],
    };
  const body = {
    chat: {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
    },
    anthropic: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: 'ok' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 3, output_tokens: 1 },
    },
    responses: {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      model: 'm',
      status: 'completed',
      output: [item],
      parallel_tool_calls: true,
      tool_choice: 'auto',
      tools: [],
      usage: u,
    },
    gemini: {
      candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'ok' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
      modelVersion: 'm',
      responseId: 'r',
    },
  }[k];
  if (!stream) return { status: 200, body };
  if (k === 'chat')
    return {
      status: 200,
      sse: `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: 'ok' }, finish_reason: null }] })}\n\ndata: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: body.usage })}\n\ndata: [DONE]\n\n`,
    };
  if (k === 'anthropic')
    return {
      status: 200,
      sse:
        ev({ type: 'message_start', message: { ...body, content: [], stop_reason: null } }) +
        ev({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
        ev({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'ok' } }) +
        ev({ type: 'content_block_stop', index: 0 }) +
        ev({
          type: 'message_delta',
          delta: { stop_reason: 'end_turn', stop_sequence: null },
          usage: { output_tokens: 1 },
        }) +
        ev({ type: 'message_stop' }),
    };
  if (k === 'responses') return { status: 200, sse: asResponsesStream(body) };
  return { status: 200, sse: `data: ${JSON.stringify(body)}\n\n` };
};
const asResponsesStream = (r) =>
  ev({
    type: 'response.created',
    sequence_number: 0,
    response: { ...r, status: 'in_progress', output: [] },
  }) +
  (r.output ?? [])
    .map(
      (item, i) =>
        ev({
          type: 'response.output_item.added',
          sequence_number: 1,
          output_index: i,
          item: item.type === 'message' ? { ...item, content: [] } : item,
        }) +
        (item.content && item.type === 'message'
          ? item.content
              .map(
                (p, j) =>
                  ev({
                    type: 'response.content_part.added',
                    sequence_number: 1,
                    item_id: item.id,
                    output_index: i,
                    content_index: j,
                    part: { ...p, text: '' },
                  }) +
                  (p.text
                    ? ev({
                        type: 'response.output_text.delta',
                        sequence_number: 1,
                        item_id: item.id,
                        output_index: i,
                        content_index: j,
                        delta: p.text,
                      }) +
                      ev({
                        type: 'response.output_text.done',
                        sequence_number: 1,
                        item_id: item.id,
                        output_index: i,
                        content_index: j,
                        text: p.text,
                      })
                    : '') +
                  ev({
                    type: 'response.content_part.done',
                    sequence_number: 1,
                    item_id: item.id,
                    output_index: i,
                    content_index: j,
                    part: p,
                  }),
              )
              .join('')
          : '') +
        (item.type === 'function_call'
          ? ev({
              type: 'response.function_call_arguments.delta',
              sequence_number: 1,
              item_id: item.id,
              output_index: i,
              delta: item.arguments,
            }) +
            ev({
              type: 'response.function_call_arguments.done',
              sequence_number: 1,
              item_id: item.id,
              output_index: i,
              arguments: item.arguments,
            })
          : '') +
        (item.type === 'reasoning'
          ? (item.summary ?? [])
              .map(
                (s, j) =>
                  ev({
                    type: 'response.reasoning_summary_part.added',
                    sequence_number: 1,
                    item_id: item.id,
                    output_index: i,
                    summary_index: j,
                    part: { type: 'summary_text', text: '' },
                  }) +
                  ev({
                    type: 'response.reasoning_summary_text.delta',
                    sequence_number: 1,
                    item_id: item.id,
                    output_index: i,
                    summary_index: j,
                    delta: s.text,
                  }) +
                  ev({
                    type: 'response.reasoning_summary_text.done',
                    sequence_number: 1,
                    item_id: item.id,
                    output_index: i,
                    summary_index: j,
                    text: s.text,
                  }),
              )
              .join('')
          : '') +
        ev({ type: 'response.output_item.done', sequence_number: 1, output_index: i, item }),
    )
    .join('') +
  ev({
    type:
      r.status === 'incomplete'
        ? 'response.incomplete'
        : r.status === 'failed'
          ? 'response.failed'
          : 'response.completed',
    sequence_number: 9,
    response: r,
  });
http
  .createServer((req, res) => {
    const bufs = [];
    req.on('data', (d) => bufs.push(d));
    req.on('end', () => {
      const p = req.url.split('?')[0],
        k = kind(p);
      let b = Buffer.concat(bufs),
        body;
      const e = req.headers['content-encoding'];
      if (e === 'gzip') b = zlib.gunzipSync(b);
      try {
        body = JSON.parse(b.toString() || 'null');
      } catch {
        body = undefined;
      }
      if (!k) {
        res.writeHead(req.method === 'GET' ? 200 : 404, { 'content-type': 'application/json' });
        return res.end('{}');
      }
      const stream = k === 'gemini' ? p.includes('stream') : !!body?.stream;
      seen = { k, body, path: req.url, stream };
      let a = now ?? canned(k, stream);
      // a gateway may choose to stream from an upstream that was recorded without: the recording is told as a stream
      if (now && stream && now.sse === undefined && now.status < 400 && asStream[k])
        a = { ...now, sse: asStream[k](now.body) };
      res.writeHead(a.status, {
        'content-type': a.sse !== undefined && a.status < 400 ? 'text/event-stream' : 'application/json',
      });
      res.end(a.sse !== undefined ? a.sse : JSON.stringify(a.body));
    });
  })
  .listen(up, '127.0.0.1');
const asAnthropicStream = (m) =>
  ev({
    type: 'message_start',
    message: {
      ...m,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...m.usage, output_tokens: 1 },
    },
  }) +
  (m.content ?? [])
    .map((b, index) => {
      const d =
        b.type === 'text'
          ? [
              { type: 'text', text: '' },
              [
                { type: 'text_delta', text: b.text },
                ...(b.citations ?? []).map((citation) => ({ type: 'citations_delta', citation })),
              ],
            ]
          : b.type === 'thinking'
            ? [
                { type: 'thinking', thinking: '', signature: '' },
                [
                  { type: 'thinking_delta', thinking: b.thinking },
                  { type: 'signature_delta', signature: b.signature },
                ],
              ]
            : b.type === 'tool_use' || b.type === 'server_tool_use'
              ? [
                  { ...b, input: {} },
                  [{ type: 'input_json_delta', partial_json: JSON.stringify(b.input ?? {}) }],
                ]
              : [b, []];
      return (
        ev({ type: 'content_block_start', index, content_block: d[0] }) +
        d[1].map((delta) => ev({ type: 'content_block_delta', index, delta })).join('') +
        ev({ type: 'content_block_stop', index })
      );
    })
    .join('') +
  ev({
    type: 'message_delta',
    delta: { stop_reason: m.stop_reason, stop_sequence: m.stop_sequence ?? null },
    usage: { output_tokens: m.usage?.output_tokens },
  }) +
  ev({ type: 'message_stop' });
const asStream = {
  responses: asResponsesStream,
  anthropic: asAnthropicStream,
  gemini: (b) => `data: ${JSON.stringify(b)}\n\n`,
};
// --- the gateway
const log = fs.openSync(path.join(dir, 'gateway.log'), 'a');
const gw = spawn('bash', ['-c', 'exec ' + arg('cmd').replaceAll('{config}', config)], {
  stdio: ['ignore', log, log],
  cwd: arg('cwd', process.cwd()),
});
process.on('exit', () => gw.kill());
for (let i = 0; i < 120; i++) {
  try {
    await fetch(`http://127.0.0.1:${port}/`);
    break;
  } catch {
    await new Promise((r) => setTimeout(r, 500));
  }
}
await new Promise((r) => setTimeout(r, 1500));
const call = async (c, m, body, stream, headers = {}) => {
  const url =
    c === 'gemini'
      ? `/v1beta/models/${m}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`
      : { chat: '/v1/chat/completions', responses: '/v1/responses', anthropic: '/v1/messages' }[c];
  const b = c === 'gemini' ? { ...body, model: undefined } : { ...body, model: m, stream };
  try {
    const r = await fetch(`http://127.0.0.1:${port}${url}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer bench-key',
        ...(c === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}),
        ...headers,
      },
      body: JSON.stringify(b),
      signal: AbortSignal.timeout(15000),
    });
    return { status: r.status, raw: await r.text(), type: r.headers.get('content-type') ?? '' };
  } catch (e) {
    return { status: 0, raw: String(e) };
  }
};
const folded = (k, r, stream) => {
  let v;
  if (stream) v = sseEvents(r.raw);
  else {
    try {
      v = JSON.parse(r.raw);
    } catch {
      return { ...RS.chat({}), error: { message: 'not json: ' + r.raw.slice(0, 80) } };
    }
  }
  return RS[k](v, stream);
};
const simple = (c, tools) => {
  const t = tools.map((t) => ({
      name: t.name,
      description: t.desc,
      parameters: {
        type: 'object',
        properties: Object.fromEntries(
          t.props
            .split(',')
            .filter(Boolean)
            .map((p) => [p, { type: 'string' }]),
        ),
      },
    })),
    has = t.length > 0;
  return {
    chat: {
      messages: [{ role: 'user', content: 'hi' }],
      reasoning_effort: 'medium',
      stream_options: { include_usage: true },
      ...(has ? { tools: t.map((f) => ({ type: 'function', function: f })) } : {}),
    },
    responses: {
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }],
      reasoning: { effort: 'medium', summary: 'auto' },
      ...(has ? { tools: t.map((f) => ({ type: 'function', strict: false, ...f })) } : {}),
    },
    anthropic: {
      max_tokens: 16000,
      thinking: { type: 'enabled', budget_tokens: 2048 },
      messages: [{ role: 'user', content: 'hi' }],
      ...(has
        ? { tools: t.map((f) => ({ name: f.name, description: f.description, input_schema: f.parameters })) }
        : {}),
    },
    gemini: {
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: { thinkingConfig: { includeThoughts: true } },
      ...(has ? { tools: [{ functionDeclarations: t }] } : {}),
    },
  }[c];
};
// JSON paths that differ, the model's name and the stream flag aside
const differ = (a, b, p = '') => {
  if (a === b || p === '.model' || p === '.stream' || p === '.stream_options') return [];
  if (a && b && typeof a === 'object' && typeof b === 'object' && Array.isArray(a) === Array.isArray(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((k) =>
      differ(a[k], b[k], `${p}.${k}`),
    );
  return [p];
};
const cells = {},
  facts = {},
  details = out ? fs.createWriteStream(out) : undefined;
let crashes = 0,
  ran = 0;
const note = (what, c, u, id, list) => {
  ran++;
  for (const [name, ok, detail] of list) {
    cells[`${what}|${c}|${u}`] ??= [0, 0];
    facts[`${what}: ${name}`] ??= [0, 0];
    const k = cells[`${what}|${c}|${u}`],
      f = facts[`${what}: ${name}`];
    k[1]++;
    f[1]++;
    if (ok) {
      k[0]++;
      f[0]++;
    } else details?.write(JSON.stringify({ what, c, u, id, name, detail }) + '\n');
  }
};
const lines = [];
for (const f of fs.readdirSync(corpus).filter((f) => /\.jsonl(\.gz)?$/.test(f))) {
  const b = fs.readFileSync(path.join(corpus, f));
  for (const l of (f.endsWith('.gz') ? zlib.gunzipSync(b) : b).toString().split('\n'))
    if (l) {
      const d = JSON.parse(l);
      if (
        P[d.protocol] &&
        d.endpoint === 'generate' &&
        !d.tags.includes('n-choices') &&
        !d.tags.includes('partial-args')
      )
        lines.push(d);
    }
}
const picked = lines.filter((_, i) => i % every === 0),
  t0 = Date.now();
for (const d of picked) {
  const p = P[d.protocol],
    body = d.request?.body,
    isStream = d.tags.includes('stream') || /streamGenerate/.test(d.request?.path ?? '');
  if (body && typeof body === 'object' && d.response?.status < 400)
    for (const u of protos) {
      now = undefined;
      seen = undefined;
      const hdr = Object.fromEntries(
        Object.entries(d.request.headers ?? {}).filter(
          ([k, v]) => k === 'anthropic-beta' && v !== 'REDACTED',
        ),
      );
      const r = await call(p, model[u], body, isStream, hdr);
      if (!seen?.body || r.status !== 200) {
        if (r.status >= 500 || r.status === 0) crashes++;
        note('request', p, u, d.id, [
          [
            r.status >= 400 && r.status < 500 ? 'refused by the gateway' : 'no answer',
            false,
            `${r.status} ${r.raw.slice(0, 160)}`,
          ],
        ]);
        continue;
      }
      if (u === p) {
        const w = differ(body, seen.body);
        note('request', p, u, d.id, [['unchanged body', !w.length, w.slice(0, 8).join(' ')]]);
      }
      note('request', p, u, d.id, compareRequest(RQ[p](body), RQ[u](seen.body), p, u));
    }
  const rec = d.response;
  if (!rec || rec.base64) continue;
  const ans = { status: rec.status, body: rec.body, sse: rec.sse };
  if (rec.status >= 400) {
    const msg = (() => {
      const b =
        rec.body ??
        (() => {
          try {
            return JSON.parse(rec.sse);
          } catch {
            return undefined;
          }
        })();
      const e = Array.isArray(b) ? b[0]?.error : (b?.error ?? b);
      return typeof e === 'string' ? e : e?.message;
    })();
    if (!msg) continue;
    for (const c of protos) {
      now = ans;
      const r = await call(c, model[p], simple(c, []), false);
      note('error', c, p, d.id, [
        ['status kept', r.status === rec.status, `${rec.status} → ${r.status}`],
        [
          'message kept',
          r.raw
            .replace(/\\[nrt"\\u]/g, '')
            .replace(/[\s\\"]+/g, '')
            .includes(
              String(msg)
                .replace(/[\s\\"]+/g, '')

                // Counted: the message may stand inside of another sentence.
                .replace(/\.$/, '')
                .slice(0, 60),
            ),
          `${String(msg).slice(0, 60)} → ${r.raw.slice(0, 120)}`,
        ],
      ]);
    }
    continue;
  }
  const streamed = rec.sse !== undefined;
  if (!streamed && (rec.body === undefined || rec.body === null || typeof rec.body !== 'object')) continue;
  const want = RS[p](streamed ? sseEvents(rec.sse) : rec.body, streamed);
  const tools = body && typeof body === 'object' ? RQ[p](body).tools : [];
  for (const c of protos) {
    now = ans;
    seen = undefined;
    const r = await call(c, model[p], simple(c, tools), streamed);
    if (r.status !== 200) {
      if (want.error) continue;
      if (want.gaveUp) {
        note('response', c, p, d.id, [['given up', r.status === 502, `${r.status}`]]);
        continue;
      } // Counted: an error is right
      crashes++;
      note('response', c, p, d.id, [['no answer', false, `${r.status} ${r.raw.slice(0, 160)}`]]);
      continue;
    }
    if (c === p && !streamed) {
      let b;
      try {
        b = JSON.parse(r.raw);
      } catch {}
      const w = differ(rec.body, b).filter((x) => x !== '.modelVersion');
      note('response', c, p, d.id, [['unchanged body', !w.length, w.slice(0, 8).join(' ')]]);
    }
    note('response', c, p, d.id, compareResponse(want, folded(c, r, streamed), p, c));
  }
}
now = undefined;
const pct = ([a, b]) => (b ? ((100 * a) / b).toFixed(1) : '–');
for (const what of ['request', 'response', 'error']) {
  console.log(`\n${what}: facts kept %, client (row) → upstream (column)`);
  console.log('| | ' + protos.join(' | ') + ' |\n|---|---|---|---|---|');
  for (const c of protos)
    console.log(
      `| ${c} | ${protos.map((u) => (cells[`${what}|${c}|${u}`] ? `${pct(cells[`${what}|${c}|${u}`])} (${cells[`${what}|${c}|${u}`][1]})` : '–')).join(' | ')} |`,
    );
}
console.log('\nby fact:');
for (const [k, v] of Object.entries(facts).sort((a, b) => b[1][1] - b[1][0] - (a[1][1] - a[1][0])))
  if (v[0] < v[1]) console.log(`  ${pct(v)} %  ${v[0]}/${v[1]}  ${k}`);
const tot = Object.values(cells).reduce((s, [a, b]) => [s[0] + a, s[1] + b], [0, 0]),
  cross = Object.entries(cells)
    .filter(([k]) => {
      const [, c, u] = k.split('|');
      return c !== u;
    })
    .reduce((s, [, [a, b]]) => [s[0] + a, s[1] + b], [0, 0]);
console.log(
  `\n${picked.length} exchanges, ${ran} comparisons, ${((Date.now() - t0) / 1000).toFixed(0)} s, gateway failures ${crashes}, cross-protocol ${pct(cross)} %`,
);
console.log(`facts kept ${pct(tot)} % of ${tot[1]}`);
details?.end();
setTimeout(() => process.exit(0), 300);
