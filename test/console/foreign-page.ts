/** A page of somebody else that tries every way in which a browser lets a page reach another one. */
import { certificate } from '../proxy-servers.ts';

/** What each way came to, by its name: `refused`, `sent` where nothing can be seen of it, or what was seen. */
export type Seen = Record<string, string>;

export interface ForeignSite {
  /** Its page in plain HTTP or over TLS, under one of its names; with `?empty` behind it a page that tries nothing. */
  address(scheme: 'http' | 'https', host: string): string;
  stop(): void;
}

/** `target` is the console, with a slash at its end. */
export function foreignSite(target: string): ForeignSite {
  const answer = ({ url }: Request) =>
    new Response(url.endsWith('?empty') ? '' : pageFor(target), {
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
  const plain = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer });
  const secure = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer, tls: certificate });
  return {
    address: (scheme, host) => `${scheme}://${host}:${scheme === 'http' ? plain.port : secure.port}/`,
    stop() {
      void plain.stop(true);
      void secure.stop(true);
    },
  };
}

/** The page itself: for sandboxed frames and `data:` addresses, too. `window.results` is a promise of {@link Seen}. */
export function pageFor(target: string): string {
  return `<!doctype html><meta charset="utf-8"><title>foreign</title><body><script>
  const target = ${JSON.stringify(target)};
  const body = '{"name":"evil","key":"evil","yaml":"api-keys: [evil]"}';
  const writes = ['api/management/client-keys', 'api/session', 'api/settings', 'api/management/provider-keys', 'api/play/v1/messages', 'api/management/reset-quota', 'api/management/auth-files'];
  const reads = ['api/overview', 'api/accounts', 'api/management/client-keys', 'api/session', 'api/events', 'api/settings', ''];
  /** An end that nothing but the clock may come to: what has not been seen by then is not seen. */
  const within = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 4000, 'nothing'))]);
  const loads = (name, set) => new Promise((done) => {
    const element = document.createElement(name);
    element.onload = () => done('loaded');
    element.onerror = () => done('refused');
    set(element);
    document.body.append(element);
  });
  const attempts = {};

  for (const mode of ['cors', 'no-cors', 'same-origin'])
    for (const credentials of ['include', 'same-origin', 'omit']) {
      for (const path of reads)
        attempts['fetch ' + mode + ' ' + credentials + ' ' + path] = () =>
          fetch(target + path, { mode, credentials }).then(async (r) => r.type === 'opaque' ? 'sent' : 'read: ' + await r.text());
      for (const path of writes)
        for (const [method, type] of [['POST', 'text/plain'], ['POST', 'application/json'], ['POST', 'application/x-www-form-urlencoded'], ['PUT', 'text/plain'], ['PATCH', 'application/json'], ['DELETE', 'text/plain']])
          attempts[[method, mode, credentials, type, path].join(' ')] = () =>
            fetch(target + path, { method, mode, credentials, body, headers: { 'content-type': type, ...(mode === 'cors' && { 'x-console': '1' }) } })
              .then(async (r) => r.type === 'opaque' ? 'sent' : 'read: ' + await r.text());
    }
  attempts.beacon = async () => navigator.sendBeacon(target + writes[0], body) ? 'sent' : 'refused';
  attempts.keepalive = () => fetch(target + writes[0], { method: 'POST', mode: 'no-cors', credentials: 'include', keepalive: true, body }).then(() => 'sent');
  attempts.xhr = () => new Promise((done) => { const x = new XMLHttpRequest(); x.open('POST', target + writes[0]); x.withCredentials = true; x.setRequestHeader('x-console', '1'); x.onload = () => done('read: ' + x.responseText); x.onerror = () => done('refused'); x.send(body); });
  for (const path of ['api/events', 'api/session', ''])
    attempts['websocket ' + path] = () => new Promise((done) => { const s = new WebSocket(target.replace(/^http/, 'ws') + path); s.onopen = () => done('opened'); s.onmessage = (e) => done('read: ' + e.data); s.onerror = () => done('refused'); });
  for (const withCredentials of [true, false])
    attempts['events ' + withCredentials] = () => new Promise((done) => { const s = new EventSource(target + 'api/events', { withCredentials }); s.onmessage = (e) => done('read: ' + e.data); s.onerror = () => { s.close(); done('refused'); }; });
  attempts.channel = () => new Promise((done) => { const c = new BroadcastChannel('console-live'); c.onmessage = (e) => done('read: ' + JSON.stringify(e.data)); c.postMessage({ kind: 'hello' }); });
  attempts.lock = async () => JSON.stringify(await navigator.locks.query()).includes('console-live') ? 'read: lock' : 'nothing';

  for (const path of reads) {
    attempts['script ' + path] = () => loads('script', (e) => { e.src = target + path; });
    attempts['module ' + path] = () => loads('script', (e) => { e.type = 'module'; e.src = target + path; });
    attempts['image ' + path] = () => loads('img', (e) => { e.src = target + path; });
    attempts['style ' + path] = () => loads('link', (e) => { e.rel = 'stylesheet'; e.href = target + path; });
    attempts['video ' + path] = () => new Promise((done) => { const v = document.createElement('video'); v.onloadeddata = () => done('loaded'); v.onerror = () => done('refused'); v.src = target + path; document.body.append(v); });
    for (const [rel, as] of [['preload', 'script'], ['preload', 'fetch'], ['prefetch', ''], ['modulepreload', '']])
      attempts[rel + ' ' + as + ' ' + path] = () => loads('link', (e) => { e.rel = rel; if (as) e.as = as; e.href = target + path; });
  }
  for (const name of ['iframe', 'object', 'embed', 'portal', 'fencedframe'])
    attempts['framing by ' + name] = () => new Promise((done) => {
      const element = document.createElement(name);
      const look = () => { try { const inside = element.contentDocument ?? element.getSVGDocument?.(); done(inside?.body ? 'read: ' + inside.body.innerText : 'nothing'); } catch { done('refused'); } };
      element.onload = look;
      element.onerror = () => done('refused');
      element[name === 'object' ? 'data' : 'src'] = target;
      document.body.append(element);
    });
  attempts.opened = () => new Promise((done) => {
    const opened = open(target);
    if (opened === null) return done('refused');
    const look = () => {
      if (opened.closed) return done('refused');
      try { if (opened.location.href !== 'about:blank') return done('read: ' + opened.document.body.innerText); } catch { return done('refused'); }
      setTimeout(look, 20);
    };
    look();
  });
  attempts.worker = () => navigator.serviceWorker === undefined ? Promise.resolve('refused') : navigator.serviceWorker.register(target + 'assets/worker.js').then(() => 'registered');
  attempts.sharedWorker = () => new Promise((done) => { const w = new SharedWorker(target + 'api/overview'); w.port.onmessage = (e) => done('read: ' + e.data); w.onerror = () => done('refused'); });
  attempts.cookie = async () => { try { return 'cookie: ' + document.cookie; } catch { return 'refused'; } };
  attempts.storage = async () => { try { return 'storage: ' + JSON.stringify(localStorage); } catch { return 'refused'; } };

  for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])
    for (const method of ['POST', 'GET'])
      for (const path of [...writes, 'api/events'])
        attempts['form ' + [method, enctype, path].join(' ')] = () => new Promise((done) => {
          const sink = document.createElement('iframe');
          sink.name = 'sink' + Math.random();
          const form = document.createElement('form');
          Object.assign(form, { method, enctype, target: sink.name, action: target + path });
          const field = document.createElement('input');
          field.name = '{"name":"evil","x":"';
          field.value = '"}';
          form.append(field);
          document.body.append(sink, form);
          sink.onload = () => { try { done(sink.contentDocument?.body?.innerText ? 'read: ' + sink.contentDocument.body.innerText : 'sent'); } catch { done('sent'); } };
          form.submit();
        });

  window.results = (async () => {
    const all = {};
    const names = Object.keys(attempts);
    // Some at a time: a browser has six connections to a host.
    const next = async () => { for (let name = names.shift(); name !== undefined; name = names.shift()) { try { all[name] = String(await within(attempts[name]())); } catch (error) { all[name] = 'refused: ' + error; } } };
    await Promise.all(Array.from({ length: 12 }, next));
    return all;
  })();
</script>`;
}
