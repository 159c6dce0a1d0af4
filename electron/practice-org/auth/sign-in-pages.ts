/** The pages a person sees when signing in to the practice org. Plain HTML forms: no script runs here. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const STYLE = `
:root{color-scheme:light dark;--ink:#12263a;--soft:#54677a;--line:#c9d4de;--paper:#fff;--back:#eef4f5;--accent:#0b6e69}
@media (prefers-color-scheme:dark){:root{--ink:#e7eef3;--soft:#a3b4c2;--line:#3a4a58;--paper:#17222c;--back:#0e161d;--accent:#4fc3bb}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{width:min(400px,calc(100vw - 32px));background:var(--paper);border:1px solid var(--line);border-radius:12px;padding:32px}
h1{font-size:20px;margin:0 0 4px}p{color:var(--soft);margin:0 0 20px}label{display:block;font-weight:600;margin:12px 0 4px}
input{width:100%;padding:10px 12px;border:1px solid var(--line);border-radius:8px;background:transparent;color:inherit;font:inherit}
button{font:inherit;font-weight:600;padding:10px 16px;border-radius:8px;border:1px solid var(--line);background:transparent;color:inherit;cursor:pointer}
button.primary{background:var(--accent);border-color:var(--accent);color:var(--paper)}.row{display:flex;gap:8px;justify-content:flex-end;margin-top:24px}
.error{color:#b3261e;background:#fdecea;padding:8px 12px;border-radius:8px}ul{padding-left:20px;margin:0 0 8px}
`;

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;
}

export function loginPage(fields: Record<string, string>, username: string, error: string | null): string {
  const hidden = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`)
    .join('');
  return page(
    'Practice org | Log in',
    `<h1>Practice org</h1><p>A local Salesforce to learn on. Nothing here leaves this computer. The password is <strong>practice</strong>.</p>
${error === null ? '' : `<p class="error" role="alert">${escape(error)}</p>`}
<form method="post" action="/login">${hidden}
<label for="username">Username</label><input id="username" name="username" autocomplete="username" value="${escape(username)}">
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" value="practice">
<div class="row"><button class="primary" type="submit">Log In</button></div></form>`,
  );
}

export function consentPage(ticket: string, client: string, username: string): string {
  return page(
    'Practice org | Allow access?',
    `<h1>Allow access?</h1><p><strong>${escape(client)}</strong> is asking to:</p>
<ul><li>Manage user data via APIs (api)</li><li>Perform requests at any time (refresh_token)</li></ul>
<p>Signed in as ${escape(username)}.</p>
<form method="post" action="/consent"><input type="hidden" name="ticket" value="${escape(ticket)}">
<div class="row"><button type="submit" name="answer" value="deny">Deny</button><button class="primary" type="submit" name="answer" value="allow">Allow</button></div></form>`,
  );
}

export function messagePage(title: string, text: string): string {
  return page(title, `<h1>${escape(title)}</h1><p>${escape(text)}</p>`);
}
