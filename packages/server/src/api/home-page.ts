import { htmlPage } from './html-page.ts';

/** What someone sees who opens the address of the server in a browser. */
export const homePage = htmlPage(
  'Headrace',
  `<h1>Headrace</h1>
<p>This server keeps Salesforce CRM in step with customer segments. It is up and running.</p>
<ul>
  <li><a href="/openapi.json">openapi.json</a>: every route of the HTTP API under <code>/api/v1</code></li>
  <li><a href="/health/ready">health/ready</a>: whether it can do its work now</li>
</ul>
<p>Requests to the API carry <code>Authorization: Bearer &lt;token&gt;</code>; the token of the owner is in the file <code>owner-token</code> of the data folder.</p>`,
);
