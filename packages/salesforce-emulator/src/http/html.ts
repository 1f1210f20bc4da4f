const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text made safe for HTML content and quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

const style = `
:root{color-scheme:light dark;--line:light-dark(#d8dde6,#3a4252);--muted:light-dark(#54607a,#a3adc2);--card:light-dark(#fff,#1b2130);--page:light-dark(#f3f5f9,#11151f);--ink:light-dark(#16202f,#e8ecf4);--accent:light-dark(#0b5cab,#7db8ff)}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
header{background:var(--card);border-bottom:1px solid var(--line);padding:.75rem 1rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline}
header strong{margin-right:auto}nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
nav a[aria-current]{color:var(--ink);font-weight:600;border-bottom:2px solid var(--accent)}
main{max-width:80rem;margin:0 auto;padding:1rem}h1{font-size:1.35rem;margin:.5rem 0}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}.muted{color:var(--muted);font-weight:400}p.muted{margin:0 0 1rem}
.crumbs ol{display:flex;gap:.4rem;list-style:none;margin:.25rem 0;padding:0;color:var(--muted)}.crumbs li+li::before{content:'›';margin-right:.4rem}
.bar{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.5rem 0 1rem;color:var(--muted)}
form{display:flex;flex-wrap:wrap;gap:.5rem;flex:1 1 16rem}select{padding:.45rem .6rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card);color:var(--ink);font:inherit}pre{margin:0;padding:.75rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace}input{flex:1 1 8rem;min-width:0;padding:.45rem .6rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card);color:var(--ink);font:inherit}input::placeholder{color:var(--muted);opacity:1}
button{padding:.45rem .9rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card);color:var(--ink);font:inherit}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow-x:auto}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.5rem .75rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tr:last-child td,tr:last-child th[scope=row]{border-bottom:0}th{color:var(--muted);font-weight:600;white-space:nowrap}.empty{padding:1.5rem;color:var(--muted)}
.record th{white-space:normal;width:45%}summary{padding:.6rem .75rem;color:var(--accent);cursor:pointer}.record th .mono{font-weight:400}.mono{font-family:ui-monospace,monospace;font-size:.9em}h1.mono{font-size:1.1rem;overflow-wrap:anywhere}
form.stacked{display:grid;gap:.35rem}form.stacked button{margin-top:.6rem}.panel{max-width:28rem;margin:1.5rem auto;padding:1.25rem;background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow-wrap:anywhere}button.primary{background:light-dark(#0b5cab,#7db8ff);border-color:transparent;color:light-dark(#fff,#11151f);font-weight:600}.problem{padding:.6rem .75rem;border:1px solid light-dark(#b3261e,#ff9d94);border-radius:.4rem;color:light-dark(#9b1c15,#ffb4ab)}
@media(min-width:40rem){.record th{width:20rem}}@media(min-width:60rem){.list td{overflow-wrap:normal}}
@media(max-width:40rem){.list thead{display:none}.list tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}.list td{display:flex;gap:.75rem;border:0;padding:.15rem .75rem}.list td::before{content:attr(data-label);color:var(--muted);flex:0 0 6.5rem}.list td:empty{display:none}}
`;

/** A link of the page's top navigation. */
export interface NavigationLink {
  readonly href: string;
  readonly label: string;
}

/** A whole page. `body` is HTML already escaped where it must be. */
export function renderPage(
  title: string,
  links: readonly NavigationLink[],
  current: string,
  body: string,
): string {
  const navigation = links
    .map(
      ({ href, label }) =>
        `<a href="${escapeHtml(href)}"${href === current ? ' aria-current="page"' : ''}>${escapeHtml(label)}</a>`,
    )
    .join('');
  const menu = links.length === 0 ? '' : `<nav aria-label="Main">${navigation}</nav>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)} | Salesforce org emulator</title><style>${style}</style></head><body><header><strong>Salesforce org emulator</strong>${menu}</header><main>${body}</main></body></html>`;
}

/** A table with column headings; cells are HTML. Narrow screens show each row as a small list. */
export function renderTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
): string {
  if (rows.length === 0) return `<div class="card"><p class="empty">${escapeHtml(empty)}</p></div>`;
  const head = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('');
  const cell = (html: string, index: number): string =>
    `<td data-label="${escapeHtml(columns[index] ?? '')}">${html}</td>`;
  const lines = rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('');
  return `<div class="card"><table class="list"><thead><tr>${head}</tr></thead><tbody>${lines}</tbody></table></div>`;
}
