// What a request or a response says, per wire protocol, in one neutral shape, so that two protocols can be compared.
// Written from the protocols' public documentation, independently of any codec. "Counted:" marks what an earlier edition miscounted.
import crypto from 'node:crypto';

const arr = (x) => (Array.isArray(x) ? x : x === undefined || x === null ? [] : [x]);
const sha = (s) => crypto.createHash('sha1').update(s).digest('hex').slice(0, 12);
const canon = (v) =>
  v && typeof v === 'object'
    ? Array.isArray(v)
      ? `[${v.map(canon)}]`
      : `{${Object.keys(v)
          .sort()
          .map((k) => `${k}:${canon(v[k])}`)}}`
    : (JSON.stringify(v) ?? 'null');
const args = (s) => {
  if (s && typeof s === 'object') return canon(s);
  try {
    return canon(JSON.parse(s || '{}'));
  } catch {
    return 'raw:' + s;
  }
};
const props = (s) =>
  Object.keys(s?.properties ?? {})
    .sort()
    .join(',');
const b64 = (s) =>
  'b64:' +
  sha(
    String(s)
      .replace(/\s|=+$/g, '')
      .replace(/-/g, '+')
      .replace(/_/g, '/'),
  );
const dataUrl = (u) => {
  const m = /^data:([^;,]*)[^,]*,(.*)$/s.exec(u ?? '');
  return m ? { media: m[1], id: b64(m[2]) } : { media: '', id: 'url:' + u };
};
const empty = () => ({
  sys: [],
  user: [],
  assistant: [],
  think: [],
  images: [],
  files: [],
  tools: [],
  calls: [],
  results: [],
  stop: [],
});
// Counted: a document of plain text may arrive as text: its words are kept beside its hash.
const words = (f, id, media, data) => {
  if (/^text|json|csv|markdown/.test(media ?? ''))
    f.words = { ...f.words, [id]: Buffer.from(String(data), 'base64').toString() };
  return id;
};
const urlWords = (f, url) => {
  const { media, id } = dataUrl(url);
  return words(f, id, media, String(url).replace(/^[^,]*,/, ''));
};
// Counted: a schema whose root is no object goes to OpenAI inside of one.
const bare = (s) => s !== undefined && s.type !== 'object' && s.properties === undefined;
// Counted: the calls of tools that the client runs (shells, patches, the computer) are calls like any other.
const clientCall = (i) => {
  const m = /^(local_shell|shell|apply_patch|computer)_call$/.exec(i.type ?? '');
  return m && i.call_id
    ? `${m[1] === 'computer' && i.action ? 'computer_use_preview' : m[1]}(${args(i.action ?? i.operation ?? { actions: i.actions })})`
    : undefined;
};
// Counted: an answer that the model gave up is an error, not an answer with a new reason to end.
const gaveUp =
  /^(MALFORMED_FUNCTION_CALL|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS|MISSING_THOUGHT_SIGNATURE|LANGUAGE|OTHER|MALFORMED_RESPONSE)$/;
const text = (c) =>
  typeof c === 'string'
    ? c
    : arr(c)
        .map((p) => (typeof p === 'string' ? p : (p?.text ?? p?.refusal ?? '')))
        .join('');

export const request = {
  chat(b) {
    const f = empty();
    for (const m of arr(b.messages)) {
      const role = m.role === 'developer' ? 'sys' : m.role === 'system' ? 'sys' : m.role;
      if (role === 'tool' || role === 'function') {
        f.results.push(text(m.content));
        continue;
      }
      const to = f[role] ?? f.user;
      for (const p of typeof m.content === 'string' ? [{ type: 'text', text: m.content }] : arr(m.content)) {
        if (p.type === 'text' || p.type === 'input_text') p.text && to.push(p.text);
        else if (p.type === 'image_url') f.images.push(dataUrl(p.image_url?.url ?? p.image_url).id);
        else if (p.type === 'file') f.files.push(p.file?.file_data ? urlWords(f, p.file.file_data) : 'id');
      }
      const r = m.reasoning_content ?? (typeof m.reasoning === 'string' ? m.reasoning : '');
      if (r) f.think.push(r);
      for (const c of arr(m.tool_calls))
        if (c.function) f.calls.push(`${c.function.name}(${args(c.function.arguments)})`);
      if (m.function_call) f.calls.push(`${m.function_call.name}(${args(m.function_call.arguments)})`);
    }
    for (const t of [...arr(b.tools), ...arr(b.functions).map((x) => ({ type: 'function', function: x }))])
      if (t.type === 'function' && t.function)
        f.tools.push({
          name: t.function.name,
          desc: t.function.description ?? '',
          props: props(t.function.parameters),
        });
    const c = b.tool_choice ?? b.function_call;
    f.choice =
      c === undefined
        ? undefined
        : typeof c === 'string'
          ? c
          : c.function?.name
            ? 'name:' + c.function.name
            : undefined;
    f.max = b.max_completion_tokens ?? b.max_tokens;
    f.temp = b.temperature;
    f.topp = b.top_p;
    f.stop = arr(b.stop);
    const rf = b.response_format;
    f.schema = rf?.type === 'json_schema' ? props(rf.json_schema?.schema) : undefined;
    f.bare = bare(rf?.json_schema?.schema);
    f.json = rf?.type === 'json_object' || undefined;
    f.effort =
      b.reasoning_effort !== undefined || (b.reasoning !== undefined && b.reasoning !== null) || undefined;
    return f;
  },
  responses(b) {
    const f = empty();
    if (b.instructions) f.sys.push(b.instructions);
    for (const i of typeof b.input === 'string' ? [{ role: 'user', content: b.input }] : arr(b.input)) {
      const type = i.type ?? 'message';
      if (type === 'message') {
        const role =
          i.role === 'developer' || i.role === 'system'
            ? 'sys'
            : i.role === 'assistant'
              ? 'assistant'
              : 'user';
        for (const p of typeof i.content === 'string'
          ? [{ type: 'input_text', text: i.content }]
          : arr(i.content)) {
          if (p.type === 'input_image') f.images.push(p.image_url ? dataUrl(p.image_url).id : 'id');
          else if (p.type === 'input_file')
            f.files.push(p.file_data ? urlWords(f, p.file_data) : p.file_url ? 'url:' + p.file_url : 'id');
          else if (p.text ?? p.refusal) f[role].push(p.text ?? p.refusal);
        }
      } else if (type === 'function_call') f.calls.push(`${i.name}(${args(i.arguments)})`);
      else if (type === 'function_call_output') {
        f.results.push(text(i.output));
        for (const p of Array.isArray(i.output) ? i.output : [])
          if (p.type === 'input_image') f.images.push(p.image_url ? dataUrl(p.image_url).id : 'id');
      } // Counted: it may be an id in a store
      else if (type === 'reasoning') {
        const t = [...arr(i.summary), ...arr(i.content)].map((s) => s.text ?? '').join('');
        if (t) f.think.push(t);
      }
    }
    for (const t of arr(b.tools))
      if (t.type === 'function')
        f.tools.push({ name: t.name, desc: t.description ?? '', props: props(t.parameters) });
    const c = b.tool_choice;
    f.choice =
      c === undefined
        ? undefined
        : typeof c === 'string'
          ? c
          : c?.type === 'function' && c.name
            ? 'name:' + c.name
            : undefined;
    f.max = b.max_output_tokens ?? undefined;
    f.temp = b.temperature ?? undefined;
    f.topp = b.top_p ?? undefined;
    const tf = b.text?.format;
    f.schema = tf?.type === 'json_schema' ? props(tf.schema) : undefined;
    f.bare = bare(tf?.schema);
    f.json = tf?.type === 'json_object' || undefined;
    f.effort = (b.reasoning?.effort !== undefined && b.reasoning?.effort !== null) || undefined;
    return f;
  },
  anthropic(b) {
    const f = empty();
    for (const s of typeof b.system === 'string' ? [b.system] : arr(b.system).map((x) => x.text))
      if (s && !s.startsWith('x-anthropic-billing-header')) f.sys.push(s);
    for (const m of arr(b.messages))
      for (const p of typeof m.content === 'string' ? [{ type: 'text', text: m.content }] : arr(m.content)) {
        const role = m.role === 'assistant' ? 'assistant' : m.role === 'system' ? 'sys' : 'user';
        const media = (q, to) => {
          const s = q.source ?? {};
          to.push(
            s.type === 'base64'
              ? b64(s.data)
              : s.type === 'url'
                ? 'url:' + s.url
                : s.type === 'text'
                  ? words(
                      f,
                      'b64:' +
                        sha(
                          Buffer.from(s.data ?? '')
                            .toString('base64')
                            .replace(/=+$/, ''),
                        ),
                      'text',
                      Buffer.from(s.data ?? '').toString('base64'),
                    )
                  : 'id',
          );
          if (s.type === 'base64') words(f, b64(s.data), s.media_type, s.data);
        };
        if (p.type === 'text') p.text && f[role].push(p.text);
        else if (p.type === 'image') media(p, f.images);
        else if (p.type === 'document') media(p, f.files);
        else if (p.type === 'thinking') p.thinking && f.think.push(p.thinking);
        else if (p.type === 'tool_use') f.calls.push(`${p.name}(${args(p.input)})`);
        else if (p.type === 'tool_result') {
          f.results.push(text(p.content));
          for (const q of Array.isArray(p.content) ? p.content : [])
            if (q.type === 'image') media(q, f.images);
        }
      }
    for (const t of arr(b.tools))
      if (!t.type || t.type === 'custom')
        f.tools.push({ name: t.name, desc: t.description ?? '', props: props(t.input_schema) });
    const c = b.tool_choice?.type;
    f.choice =
      c === undefined
        ? undefined
        : c === 'any'
          ? 'required'
          : c === 'tool'
            ? 'name:' + b.tool_choice.name
            : c;
    f.max = b.max_tokens;
    f.temp = b.temperature;
    f.topp = b.top_p;
    f.stop = arr(b.stop_sequences);
    const of = b.output_format ?? b.output_config?.format;
    f.schema = of?.type === 'json_schema' ? props(of.schema) : undefined;
    f.bare = bare(of?.schema);
    f.effort = b.thinking !== undefined || b.output_config?.effort !== undefined || undefined;
    return f;
  },
  gemini(b) {
    b = b.request ?? b;
    const f = empty();
    const g = b.generationConfig ?? b.generation_config ?? {};
    const si = b.systemInstruction ?? b.system_instruction;
    for (const p of typeof si === 'string' ? [{ text: si }] : arr(si?.parts ?? si))
      if (p?.text) f.sys.push(p.text);
    for (const c of arr(b.contents))
      for (const p of arr(c.parts)) {
        const role = c.role === 'model' ? 'assistant' : 'user',
          inl = p.inlineData ?? p.inline_data,
          fd = p.fileData ?? p.file_data,
          fc = p.functionCall ?? p.function_call,
          fr = p.functionResponse ?? p.function_response;
        if (typeof p.text === 'string') {
          if (p.text) (p.thought ? f.think : f[role]).push(p.text);
        } else if (inl) {
          const mt = inl.mimeType ?? inl.mime_type ?? '';
          if (/^image/.test(mt)) f.images.push(b64(inl.data));
          else if (!/^(audio|video)/.test(mt)) f.files.push(words(f, b64(inl.data), mt, inl.data));
        } else if (fd) {
          const mt = /^gs:|googleapis\.com\/v1beta\/files\//.test(fd.fileUri ?? fd.file_uri)
            ? ''
            : (fd.mimeType ?? fd.mime_type ?? ''); /* Counted: Google's own stores are ids */
          if (/^image/.test(mt)) f.images.push('url:' + (fd.fileUri ?? fd.file_uri));
          else if (/pdf/.test(mt)) f.files.push('url:' + (fd.fileUri ?? fd.file_uri));
        } else if (fc) f.calls.push(`${fc.name}(${args(fc.args)})`);
        else if (fr) {
          const r = fr.response ?? {};
          const v = r.result ?? r.output ?? r.content ?? r.error ?? r;
          f.results.push(
            typeof v === 'string'
              ? v
              : Array.isArray(v) && v[0]?.text !== undefined
                ? text(v)
                : JSON.stringify(v),
          );
          for (const q of arr(fr.parts)) {
            const d = q.inlineData ?? q.inline_data;
            if (d) f.images.push(b64(d.data));
          }
        }
      }
    for (const t of arr(b.tools))
      for (const d of arr(t?.functionDeclarations ?? t?.function_declarations))
        f.tools.push({
          name: d.name,
          desc: d.description ?? '',
          props: props(d.parameters ?? d.parametersJsonSchema ?? d.parameters_json_schema),
        });
    const fcc = b.toolConfig?.functionCallingConfig ?? b.tool_config?.function_calling_config,
      mode = String(fcc?.mode ?? '').toUpperCase(),
      names = fcc?.allowedFunctionNames ?? fcc?.allowed_function_names;
    f.choice =
      !mode || mode.startsWith('MODE_UN')
        ? undefined
        : mode === 'ANY'
          ? names?.length === 1
            ? 'name:' + names[0]
            : 'required'
          : mode === 'NONE'
            ? 'none'
            : 'auto';
    f.max = g.maxOutputTokens ?? g.max_output_tokens;
    f.temp = g.temperature;
    f.topp = g.topP ?? g.top_p;
    f.stop = arr(g.stopSequences ?? g.stop_sequences);
    const rs = g.responseJsonSchema ?? g.responseSchema ?? g.response_schema ?? g.response_json_schema;
    f.schema = rs ? props(rs) : undefined;
    f.bare = bare(rs);
    f.json = (!rs && (g.responseMimeType ?? g.response_mime_type) === 'application/json') || undefined;
    f.effort = (g.thinkingConfig ?? g.thinking_config) !== undefined || undefined;
    return f;
  },
};

// ---- responses: every protocol is first folded from its stream events into its final body, then read
export const sseEvents = (raw) =>
  raw
    .replace(/\r\n?/g, '\n')
    .split(/\n\n+/)
    .flatMap((b) => {
      const d = b
        .split('\n')
        .filter((l) => l.startsWith('data:'))
        .map((l) => l.slice(5).trimStart())
        .join('\n');
      if (!d || d === '[DONE]') return [];
      try {
        return [JSON.parse(d)];
      } catch {
        return [{ unparsed: d }];
      }
    });
const none = () => ({ text: '', think: '', calls: [], finish: undefined, urls: [], refusal: '', images: [] });
export const response = {
  chat(v, stream) {
    const f = none(),
      calls = [];
    let last = 0;
    const put = (m, delta) => {
      if (typeof m?.content === 'string') f.text += m.content;
      else
        for (const p of arr(m?.content)) {
          if (p.type === 'text') f.text += p.text ?? '';
          if (p.type === 'thinking') f.think += text(p.thinking);
        }
      f.refusal += m?.refusal ?? '';
      const r = m?.reasoning_content ?? (typeof m?.reasoning === 'string' ? m.reasoning : undefined);
      if (r) f.think += r;
      for (const c of arr(m?.tool_calls)) {
        let i = delta ? (c.index ?? Math.max(0, calls.length - (c.id ? 0 : 1))) : calls.length;
        if (delta && c.id && calls[i]?.id && calls[i].id !== c.id)
          i =
            calls.findIndex((k) => k?.id === c.id) >= 0
              ? calls.findIndex((k) => k?.id === c.id)
              : calls.length;
        else if (delta && !c.id && calls.length && i < calls.length) i = last;
        last = i;
        calls[i] ??= { id: c.id, name: '', args: '' };
        const k = calls[i];
        k.name += c.function?.name ?? '';
        const a = c.function?.arguments;
        k.args += typeof a === 'string' ? a : a ? JSON.stringify(a) : '';
      }
      const old = m?.function_call;
      if (old?.name || old?.arguments) {
        calls[0] ??= { name: '', args: '' };
        const k = calls[0];
        k.name += old.name ?? '';
        k.args += old.arguments ?? '';
      } // Counted: the older form is a call
      for (const a of arr(m?.annotations)) if (a.url_citation?.url) f.urls.push(a.url_citation.url);
      for (const i of arr(m?.images)) f.images.push(dataUrl(i.image_url?.url).id);
    };
    let u;
    for (const e of stream ? v : [v]) {
      const c = arr(e?.choices).find((c) => (c.index ?? 0) === 0);
      if (c) {
        put(stream ? (c.delta ?? c.message) : c.message, stream);
        if (c.finish_reason) f.finish = c.finish_reason;
      }
      if (e?.usage) u = e.usage;
      if (e?.error) f.error = e.error;
    }
    f.calls = calls.filter(Boolean).map((c) => `${c.name}(${args(c.args)})`);
    f.finish =
      { stop: 'stop', length: 'length', tool_calls: 'tool', function_call: 'tool', content_filter: 'filter' }[
        f.finish
      ] ?? f.finish;
    if (f.finish === 'stop' && f.calls.length) f.finish = 'tool'; // Counted: some servers say `stop` of calls
    if (u)
      f.usage = {
        in: u.prompt_tokens,
        out: u.completion_tokens,
        cached: u.prompt_tokens_details?.cached_tokens ?? 0,
        reasoning: u.completion_tokens_details?.reasoning_tokens ?? 0,
      };
    return f;
  },
  responses(v, stream) {
    const f = none();
    let r = v,
      items = [];
    if (stream) {
      r = undefined;
      for (const e of v) {
        if (/^response\.(completed|incomplete|failed)$/.test(e.type)) r = e.response;
        if (e.type === 'response.output_item.done') items.push(e.item);
        if (e.type === 'error') f.error = e;
      }
    }
    if (!r) {
      f.error ??= { message: 'no terminal event' };
      r = { output: items };
    }
    if (!arr(r.output).length && items.length) r = { ...r, output: items };
    for (const i of arr(r.output)) {
      if (i.type === 'message')
        for (const p of arr(i.content)) {
          f.text += p.text ?? '';
          f.refusal += p.refusal ?? '';
          for (const a of arr(p.annotations)) if (a.url) f.urls.push(a.url);
        }
      else if (i.type === 'reasoning')
        f.think += [...arr(i.summary), ...arr(i.content)].map((s) => s.text ?? '').join('');
      else if (i.type === 'function_call') f.calls.push(`${i.name}(${args(i.arguments)})`);
      else if (i.type === 'image_generation_call' && i.result) f.images.push(b64(i.result));
      else if (clientCall(i)) f.calls.push(clientCall(i));
    }
    f.finish =
      r.status === 'incomplete'
        ? r.incomplete_details?.reason === 'content_filter'
          ? 'filter'
          : 'length'
        : f.calls.length
          ? 'tool'
          : 'stop';
    const u = r.usage;
    if (u)
      f.usage = {
        in: u.input_tokens,
        out: u.output_tokens,
        cached: u.input_tokens_details?.cached_tokens ?? 0,
        reasoning: u.output_tokens_details?.reasoning_tokens ?? 0,
      };
    return f;
  },
  anthropic(v, stream) {
    const f = none();
    let m = v;
    if (stream) {
      m = { content: [], usage: {} };
      const json = [];
      for (const e of v) {
        const i = e.index;
        if (e.type === 'message_start') m = { ...e.message, content: [], usage: { ...e.message?.usage } };
        else if (e.type === 'content_block_start') {
          m.content[i] = { ...e.content_block };
          json[i] = '';
        } else if (e.type === 'content_block_delta') {
          m.content[i] ??= {};
          const b = m.content[i],
            d = e.delta ?? {};
          if (d.type === 'text_delta') b.text = (b.text ?? '') + d.text;
          if (d.type === 'thinking_delta') b.thinking = (b.thinking ?? '') + d.thinking;
          if (d.type === 'signature_delta') b.signature = d.signature;
          if (d.type === 'input_json_delta') json[i] += d.partial_json;
          if (d.type === 'citations_delta') b.citations = [...(b.citations ?? []), d.citation];
        } else if (e.type === 'content_block_stop') {
          if (json[i])
            try {
              m.content[i].input = JSON.parse(json[i]);
            } catch {
              m.content[i].input = json[i];
            }
        } else if (e.type === 'message_delta') {
          Object.assign(m, e.delta);
          for (const [k, x] of Object.entries(e.usage ?? {}))
            if (x !== null && x !== undefined) m.usage = { ...m.usage, [k]: x };
        } else if (e.type === 'message_stop') m.stopped = true;
        else if (e.type === 'error') f.error = e.error;
      }
      if (!m.stopped && !f.error) f.error = { message: 'no message_stop' };
    }
    for (const b of arr(m.content)) {
      if (!b) continue;
      if (b.type === 'text') {
        f.text += b.text ?? '';
        for (const c of arr(b.citations)) if (c?.url) f.urls.push(c.url);
      } else if (b.type === 'thinking') f.think += b.thinking ?? '';
      else if (b.type === 'tool_use') f.calls.push(`${b.name}(${args(b.input)})`);
    }
    f.finish =
      {
        end_turn: 'stop',
        stop_sequence: 'stop',
        max_tokens: 'length',
        model_context_window_exceeded: 'length',
        tool_use: 'tool',
        refusal: 'filter',
      }[m.stop_reason] ?? m.stop_reason;
    const u = m.usage;
    if (u && u.input_tokens !== undefined)
      f.usage = {
        in: (u.input_tokens ?? 0) + (u.cache_read_input_tokens ?? 0) + (u.cache_creation_input_tokens ?? 0),
        out: u.output_tokens,
        cached: u.cache_read_input_tokens ?? 0,
        reasoning: 0,
      };
    return f;
  },
  gemini(v, _stream) {
    const f = none();
    let u, fin, blocked;
    for (let e of arr(v)) {
      e = e?.response ?? e;
      const c = arr(e?.candidates)[0];
      for (const p of arr(c?.content?.parts)) {
        const inl = p.inlineData ?? p.inline_data,
          fc = p.functionCall ?? p.function_call;
        if (typeof p.text === 'string') {
          if (p.thought) f.think += p.text;
          else f.text += p.text;
        } else if (fc) f.calls.push(`${fc.name}(${args(fc.args)})`);
        else if (inl && /^image/.test(inl.mimeType ?? inl.mime_type ?? '')) f.images.push(b64(inl.data));
      }
      if (c?.finishReason ?? c?.finish_reason) fin = c.finishReason ?? c.finish_reason;
      if (e?.usageMetadata ?? e?.usage_metadata) u = { ...u, ...(e.usageMetadata ?? e.usage_metadata) };
      if (e?.promptFeedback?.blockReason) blocked = true;
      if (e?.error) f.error = e.error;
      for (const g of arr(c?.groundingMetadata?.groundingChunks)) if (g.web?.uri) f.urls.push(g.web.uri);
    }
    f.gaveUp = gaveUp.test(fin ?? '');
    f.finish = blocked
      ? 'filter'
      : f.calls.length
        ? 'tool'
        : ({
            STOP: 'stop',
            MAX_TOKENS: 'length',
            SAFETY: 'filter',
            RECITATION: 'filter',
            PROHIBITED_CONTENT: 'filter',
            BLOCKLIST: 'filter',
            SPII: 'filter',
            IMAGE_SAFETY: 'filter',
          }[fin] ?? fin);
    if (u && u.promptTokenCount !== undefined)
      f.usage = {
        in: (u.promptTokenCount ?? 0) + (u.toolUsePromptTokenCount ?? 0),
        out: (u.candidatesTokenCount ?? 0) + (u.thoughtsTokenCount ?? 0),
        cached: u.cachedContentTokenCount ?? 0,
        reasoning: u.thoughtsTokenCount ?? 0,
      };
    return f;
  },
};

// ---- comparing: a list of [fact, kept]
const squash = (s) => String(s ?? '').replace(/[\s\u200b]+/g, '');
export function compareRequest(a, b, from, to) {
  const out = [],
    has = (name, ok, detail) => out.push([name, !!ok, detail]);
  const all = squash([...b.sys, ...b.user, ...b.assistant].join('')),
    join = (k) => squash(b[k].join(''));
  for (const s of a.sys) has('system text', join('sys').includes(squash(s)), s.slice(0, 60)); // must stay in a system place
  for (const s of a.user)
    has(
      'user text',
      join('user').includes(squash(s)) || (all.includes(squash(s)) && to !== from),
      s.slice(0, 60),
    );
  for (const s of a.assistant) has('assistant text', join('assistant').includes(squash(s)), s.slice(0, 60));
  for (const s of a.images) if (s !== 'id') has('image', b.images.includes(s), s.slice(0, 60));
  for (const s of a.files)
    if (s !== 'id')
      has(
        'file',
        b.files.includes(s) || (a.words?.[s] !== undefined && all.includes(squash(a.words[s]))),
        s.slice(0, 60),
      );
  for (const t of a.tools) {
    const o = b.tools.find((x) => x.name === t.name);
    has('tool definition', o, t.name);
    if (o) {
      has('tool description', squash(o.desc).includes(squash(t.desc)), t.name);
      has('tool parameters', o.props === t.props, `${t.name}: ${t.props} → ${o.props}`);
    }
  }
  for (const c of a.calls) has('tool call in history', b.calls.includes(c), c.slice(0, 100));
  const res = squash(b.results.join(' ')),
    resJson = b.results
      .map((r) => {
        try {
          return canon(JSON.parse(r));
        } catch {
          return '';
        }
      })
      .join(' ');
  for (const r of a.results) {
    let j;
    try {
      j = canon(JSON.parse(r));
    } catch {}
    has(
      'tool result',
      res.includes(squash(r)) ||
        (j && resJson.includes(j)) ||
        res.includes(squash(JSON.stringify(r)).slice(1, -1)),
      r.slice(0, 80),
    );
  }
  if (a.tools.length && a.choice)
    has(
      'tool choice',
      a.choice === b.choice || (a.choice === 'auto' && b.choice === undefined),
      `${a.choice} → ${b.choice}`,
    );
  if (a.max) has('max tokens', b.max === a.max || (a.effort && b.max > a.max), `${a.max} → ${b.max}`);
  if (a.temp !== undefined && a.temp !== null && !(to === 'anthropic' && (a.temp > 1 || a.effort)))
    has('temperature', b.temp === a.temp, `${a.temp} → ${b.temp}`);
  if (a.topp !== undefined && a.topp !== null && !(to === 'anthropic' && (a.effort || a.temp !== undefined)))
    has('top_p', b.topp === a.topp, `${a.topp} → ${b.topp}`);
  if (to !== 'responses') for (const s of a.stop) has('stop sequence', b.stop.includes(s), s);
  if (a.schema !== undefined)
    has(
      'output schema',
      b.schema === a.schema || (a.bare && b.schema === 'value'),
      `${a.schema} → ${b.schema}`,
    );
  if (a.json && to !== 'anthropic') has('json mode', b.json || b.schema !== undefined, '');
  if (a.effort) has('reasoning setting', b.effort, '');
  return out;
}
export function compareResponse(a, b, _from, to) {
  const out = [],
    has = (name, ok, detail) => out.push([name, !!ok, detail]);
  if (a.gaveUp && to !== 'gemini') {
    has('given up', b.error, '');
    return out;
  }
  if (a.error && !a.text && !a.calls.length) {
    has('stream error shown', b.error, '');
    return out;
  }
  if (b.error && !a.error) has('stream well ended', false, JSON.stringify(b.error).slice(0, 100));
  if (squash(a.text))
    has(
      'text',
      squash(b.text) === squash(a.text) || squash(b.text).includes(squash(a.text)),
      `${a.text.slice(0, 60)} → ${b.text.slice(0, 60)}`,
    );
  if (squash(a.think))
    has(
      'reasoning text',
      squash(b.think).includes(squash(a.think)),
      `${a.think.slice(0, 60)} → ${b.think.slice(0, 60)}`,
    );
  // Counted: a call that was cut is not offered to clients that would run it.
  for (const c of a.calls)
    has(
      'tool call',
      b.calls.includes(c) || (c.includes('(raw:') && b.finish === 'length'),
      `${c.slice(0, 80)} → ${b.calls.join(' ').slice(0, 80)}`,
    );
  if (b.calls.length > a.calls.length) has('no invented tool call', false, b.calls.join(' ').slice(0, 100));
  if (a.refusal) has('refusal', squash(b.refusal + b.text).includes(squash(a.refusal)), '');
  if (['stop', 'length', 'tool', 'filter'].includes(a.finish))
    has(
      'finish reason',
      a.finish === b.finish || (a.finish === 'filter' && to === 'responses' && b.refusal),
      `${a.finish} → ${b.finish}`,
    );
  for (const u of new Set(a.urls)) has('citation', b.urls.includes(u), u.slice(0, 60));
  for (const i of a.images) if (to !== 'anthropic') has('image output', b.images.includes(i), '');
  if (a.usage?.in !== undefined) {
    has('usage input', b.usage?.in === a.usage.in, `${a.usage.in} → ${b.usage?.in}`);
    has('usage output', b.usage?.out === a.usage.out, `${a.usage.out} → ${b.usage?.out}`);
    if (a.usage.cached)
      has('usage cached', b.usage?.cached === a.usage.cached, `${a.usage.cached} → ${b.usage?.cached}`);
    if (a.usage.reasoning && to !== 'anthropic')
      has(
        'usage reasoning',
        b.usage?.reasoning === a.usage.reasoning,
        `${a.usage.reasoning} → ${b.usage?.reasoning}`,
      );
  }
  return out;
}
