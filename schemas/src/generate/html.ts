/** Markup that is safe to put into a page as it is. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Html[];

/** Template tag: everything put in is escaped, unless it is markup already. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, index) => text + render(parts[index - 1] ?? '') + string));
}

function render(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escape(part);
  if (typeof part === 'number') return String(part);
  return part.map(render).join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** Text in which `…` marks code, as descriptions have it. */
export function prose(text: string): Html {
  const pieces = text.split('`');
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`))}`;
}

/** JSON with its keys marked, so that they stand out. */
export function json(value: unknown): Html {
  const lines = JSON.stringify(value, null, 2).split('\n');
  const marked = lines.map((line) => {
    const match = /^(\s*)("(?:[^"\\]|\\.)*")(: )(.*)$/.exec(line);
    if (!match) return html`${line}`;
    const [, indent = '', key = '', colon = '', rest = ''] = match;
    return html`${indent}<b>${key}</b>${colon}${rest}`;
  });
  return html`<pre><code>${marked.map((line, index) => (index === 0 ? line : html`${'\n'}${line}`))}</code></pre>`;
}
