import { STATUS_CODES } from 'node:http';
import { rejections, type RejectionCode } from '../rejections.ts';
import { subjects } from '../subjects.ts';
import { connectChapter, protocolChapter, startChapter, tokensChapter } from './docs-prose.ts';
import { count, type Field, type TypePart } from './fields.ts';
import { Html, html, json, prose } from './html.ts';
import type { EventEntry, MessageEntry, OperationEntry, Reference, TypeEntry } from './reference.ts';

/** `/docs`: one page without scripts or inline styles, so that `style-src 'self'` is all the policy it needs. */
export function docsHtml(reference: Reference, version: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Ringback API</title>
        <link rel="stylesheet" href="/docs.css" />
      </head>
      <body>
        <header>
          <h1>Ringback API</h1>
          <p>
            Version ${version}. Machine-readable: <a href="/openapi.json">OpenAPI 3.1</a>,
            <a href="/asyncapi.json">AsyncAPI 3.0</a>.
          </p>
        </header>
        ${navigation(reference)}
        <main>
          ${startChapter()} ${tokensChapter()} ${httpChapter(reference)} ${protocolChapter(reference)}
          ${messagesChapter('to-platform', 'Messages you send', reference.clientMessages)}
          ${messagesChapter('to-client', 'Messages you receive', reference.serverMessages)}
          ${eventsChapter(reference)} ${connectChapter()} ${typesChapter(reference)}
          ${refusalsChapter(reference)} ${limitsChapter(reference)}
        </main>
      </body>
    </html>`.text;
}

function navigation(reference: Reference): Html {
  const links = (entries: readonly { id: string; text: string }[]) =>
    html`<ul>
      ${entries.map(({ id, text }) => html`<li><a href="#${id}">${text}</a></li>`)}
    </ul>`;
  const types = (entries: readonly { type: string }[], prefix: string) =>
    links(entries.map(({ type }) => ({ id: prefix + type, text: type })));
  return html`<nav aria-label="Contents">
    <a href="#start">Start here</a>
    <a href="#tokens">Tokens</a>
    <a href="#http">HTTP</a>
    ${links(reference.operations.map(({ id, method, path }) => ({ id, text: `${method.toUpperCase()} ${path}` })))}
    <a href="#websocket">WebSocket</a>
    <a href="#to-platform">Messages you send</a>
    ${types(reference.clientMessages, 'message-')}
    <a href="#to-client">Messages you receive</a>
    ${types(reference.serverMessages, 'message-')}
    <a href="#events">Events</a>
    ${types(reference.events, '')}
    <a href="#nats">Events on NATS</a>
    <a href="#types">Types</a>
    <a href="#refusals">Refusals</a>
    <a href="#limits">Limits</a>
  </nav>`;
}

function httpChapter(reference: Reference): Html {
  return html`<section id="http">
    <h2>HTTP</h2>
    <p>
      Bodies are JSON. Operations marked <em>token</em> want <code>Authorization: Bearer &lt;token&gt;</code>.
      Errors are problem details (<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>) with a stable
      <code>code</code>; see <a href="#refusals">refusals</a>.
    </p>
    ${reference.operations.map(operation)}
  </section>`;
}

function operation(entry: OperationEntry): Html {
  const { id, method, path, summary, auth, fields, example, errors, status } = entry;
  return html`<article id="${id}">
    <h3><span class="verb">${method.toUpperCase()}</span> <code>${path}</code></h3>
    <p>${summary} ${auth ? html`<em>token</em>` : html``}</p>
    ${fieldTable('Query', fields.query)} ${fieldTable('Body', fields.body)}
    ${
      example.body === undefined
        ? html``
        : html`<h4>Example</h4>
            ${json(example.body)}`
    }
    ${fieldTable(`Response ${status} ${STATUS_CODES[status]}`, fields.response)}
    ${foldedExample(example.response)}
    <p class="errors">
      Errors:
      ${(errors as RejectionCode[]).map(
        (code) => html`<a href="#${code}"><code>${code}</code> ${rejections[code].status}</a> `,
      )}
    </p>
  </article>`;
}

/** Examples longer than a glance are folded away: the page stays a list one can scan. */
function foldedExample(value: unknown): Html {
  const body = json(value);
  if (body.text.split('\n').length <= 12)
    return html`<h4>Example</h4>
      ${body}`;
  return html`<details>
    <summary>Example</summary>
    ${body}
  </details>`;
}

function messagesChapter(id: string, title: string, messages: readonly MessageEntry[]): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${messages.map(
      (message) =>
        html`<article id="message-${message.type}">
          <h3><code>${message.type}</code></h3>
          <p>${prose(message.summary)}</p>
          ${message.alternatives.map((fields, index) => fieldTable(index === 0 ? '' : 'or', fields))}
          ${foldedExample(message.example)}
        </article>`,
    )}
  </section>`;
}

function eventsChapter(reference: Reference): Html {
  return html`<section id="events">
    <h2>Events</h2>
    <p>
      What happened, in order: <code>sequence</code> is 1, 2, 3 … without gaps in each call. Every event is a
      <a href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md">CloudEvent 1.0</a>:
    </p>
    ${fieldTable('', reference.envelope)}
    <p>
      <code>data</code> is described below, type by type. The first event of each command carries the command
      itself in <code>data.cause</code>: <a href="#type-Cause">Cause</a>.
    </p>
    ${reference.events.map(event)}
    <h3 id="telemetry">Telemetry</h3>
    <p>
      No facts, kept shorter and never part of a call's state; they have the same envelope without a sequence.
    </p>
    ${reference.telemetry.map(
      ({ type, summary, fields }) =>
        html`<article id="${type}">
          <h3><code>${type}</code></h3>
          <p>${summary}</p>
          ${fieldTable('', fields)}
        </article>`,
    )}
  </section>`;
}

function event(entry: EventEntry): Html {
  const { type, version, summary, causedBy, visibility, fields } = entry;
  return html`<article id="${type}">
    <h3><code>${type}</code> <small>version ${version}</small></h3>
    <p>${prose(summary)}</p>
    <p class="facts">
      Caused by ${causedBy.map((cause, index) => html`${index === 0 ? '' : ', '}<code>${cause}</code>`)}. Seen
      by ${visibility === 'call' ? 'everyone in the call' : 'the addressee alone'}. NATS:
      <code>${subjects.tap('<callId>', type)}</code>
    </p>
    ${fieldTable('', fields)}
  </article>`;
}

function typesChapter(reference: Reference): Html {
  return html`<section id="types">
    <h2>Types</h2>
    ${reference.types.map(typeArticle)}
  </section>`;
}

function typeArticle({ id, description, form, alternatives }: TypeEntry): Html {
  return html`<article id="type-${id}">
    <h3><code>${id}</code></h3>
    <p>${prose(description)} ${alternatives.length === 0 ? html`<code>${typeText(form)}</code>` : html``}</p>
    ${alternatives.map((fields, index) => fieldTable(index === 0 ? '' : 'or', fields))}
  </article>`;
}

function refusalsChapter(reference: Reference): Html {
  const rows = reference.rejections.map(
    ({ code, status, message }) =>
      html`<tr id="${code}">
        <th scope="row"><code>${code}</code></th>
        <td>${status}</td>
        <td>${message}</td>
      </tr>`,
  );
  return html`<section id="refusals">
    <h2>Refusals</h2>
    <p>
      Codes are stable: switch on them and show the sentence. Over HTTP they come with this status; over the
      WebSocket in <code>reply.error</code>.
    </p>
    ${table(['Code', 'HTTP', 'Sentence'], rows)}
  </section>`;
}

function limitsChapter(reference: Reference): Html {
  const rows = reference.limits.map(
    ({ name, value, reason }) =>
      html`<tr>
        <th scope="row"><code>${name}</code></th>
        <td>${count(value)}</td>
        <td>${reason}</td>
      </tr>`,
  );
  return html`<section id="limits">
    <h2>Limits</h2>
    ${table(['Limit', 'Value', 'Why'], rows)}
  </section>`;
}

function fieldTable(title: string, fields: readonly Field[]): Html {
  const heading = title === '' ? html`` : html`<h4>${title}</h4>`;
  if (fields.length === 0) return html``;
  const rows = fields.map(
    ({ name, type, required, meaning }) =>
      html`<tr>
        <th scope="row"><code>${name}</code>${required ? html`` : html` <small>optional</small>`}</th>
        <td>${typeText(type)}</td>
        <td>${prose(meaning)}</td>
      </tr>`,
  );
  return html`${heading} ${table(['Field', 'Type', 'Meaning'], rows)}`;
}

export function table(head: readonly string[], rows: readonly Html[]): Html {
  return html`<table>
    <thead>
      <tr>
        ${head.map((cell) => html`<th scope="col">${cell}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

/** Messages and events have their own chapters; every other named type is in the chapter of types. */
function typeText(parts: readonly TypePart[]): Html {
  return html`${parts.map(({ text, id }) => (id === undefined ? html`${text}` : html`<a href="#${anchor(id)}">${text}</a>`))}`;
}

function anchor(id: string): string {
  if (id === 'CallEvent') return 'events';
  if (id === 'RejectionCode') return 'refusals';
  return id.startsWith('call.') ? id : `type-${id}`;
}
