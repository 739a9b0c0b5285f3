/** The pages that a person clicks through: plain HTML without scripts. */
import { people } from './people.ts';

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#222;background:#fff}
label{display:block;padding:.4rem 0}small{color:#666}code{background:#f2f2f2;padding:.1rem .3rem}
button{font:inherit;padding:.5rem 1.4rem;margin:1rem .5rem 0 0;cursor:pointer}`;

/** A page; `body` is HTML. */
export function page(title: string, body: string, status = 200): Response {
  const html = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${style}</style></head>
<body><h1>${escaped(title)}</h1>
${body}
</body></html>
`;
  return new Response(html, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/** A form that asks who somebody is and whether they agree; it is posted to the address that it came from. */
export function consentForm(lead: string, more = ''): string {
  const choices = people.map(
    ({ id, name, email, about }, i) =>
      `<label><input type="radio" name="person" value="${escaped(id)}"${i === 0 ? ' checked' : ''}> ${escaped(name)} &lt;${escaped(email)}&gt;<br><small>${escaped(about)}</small></label>`,
  );
  return `<p>${lead}</p>
<form method="post">
${more}${choices.join('\n')}
<button type="submit" name="answer" value="allow">Allow</button><button type="submit" name="answer" value="deny">Deny</button>
</form>`;
}
