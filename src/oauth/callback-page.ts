/** What the browser shows at the end of a sign-in. No scripts, nothing loaded from elsewhere, light and dark. */

export interface CallbackPage {
  status: 200 | 400 | 404 | 405;
  heading: string;
  text: string;
}

/** The sign-in is done. */
export const donePage = (title: string): CallbackPage => ({
  status: 200,
  heading: `Signed in to ${title}`,
  text: 'You can close this tab and go back to the terminal.',
});

/** The sign-in has failed; `message` is the sentence that the terminal shows too. */
export const failedPage = (title: string, message: string): CallbackPage => ({
  status: 400,
  heading: `Not signed in to ${title}`,
  text: `${message} You can close this tab; continue in the terminal.`,
});

/** An address that belongs to no sign-in. */
export const strayPage: CallbackPage = {
  status: 404,
  heading: 'Nothing is here',
  text: 'A program on this computer waits here for the end of a sign-in. This address is not a part of it.',
};

/** The redirect's address without a code or an error. */
export const emptyPage: CallbackPage = {
  status: 400,
  heading: 'The answer is missing',
  text: 'The sign-in still waits: this address came without a code. Finish in the tab where you signed in.',
};

/** An answer that is not of the sign-in that waits: an older tab, or a page that sent the browser here. */
export const foreignPage = (title: string): CallbackPage => ({
  status: 400,
  heading: `Not the answer to this sign-in to ${title}`,
  text: 'The sign-in still waits: what came here belongs to another one. Finish in the tab that it opened last.',
});

/** A redirect is followed with GET. */
export const wrongMethodPage: CallbackPage = {
  status: 405,
  heading: 'Not this way',
  text: 'The end of a sign-in comes with GET.',
};

const style =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;display:grid;place-content:center;min-height:90vh;margin:0;padding:1.5rem}main{max-width:34rem}h1{font-size:1.5rem;margin:0 0 .5rem}p{margin:0;opacity:.8;overflow-wrap:anywhere}';

export function callbackPage(page: CallbackPage): Response {
  const heading = escapeHtml(page.heading);
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${heading}</title><style>${style}</style></head>
<body><main><h1>${heading}</h1><p>${escapeHtml(page.text)}</p></main></body>
</html>
`;
  return new Response(html, {
    status: page.status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      // The address holds a code: no cache and no other server may learn it.
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      // The listener closes after this answer and waits for no idle connection.
      connection: 'close',
      ...(page.status === 405 ? { allow: 'GET' } : {}),
    },
  });
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
