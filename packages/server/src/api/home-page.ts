/** What someone sees who opens the address of the server in a browser. */
export const homePage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Headrace</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto; padding: 0 1rem; color: #222; background: #fff }
  code { background: #f2f2f2; padding: .1em .3em }
  @media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } code { background: #333 } a { color: #8ab4f8 } }
</style>
<main>
<h1>Headrace</h1>
<p>This server keeps Salesforce CRM in step with customer segments. It is up and running.</p>
<ul>
  <li><a href="/openapi.json">openapi.json</a>: every route of the HTTP API under <code>/api/v1</code></li>
  <li><a href="/health/ready">health/ready</a>: whether it can do its work now</li>
</ul>
<p>Requests to the API carry <code>Authorization: Bearer &lt;token&gt;</code>; the token of the owner is in the file <code>owner-token</code> of the data folder.</p>
</main>
</html>
`;
