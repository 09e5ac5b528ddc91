import { subjects, streams } from '../subjects.ts';
import { count, type Field, type TypePart } from './fields.ts';
import type { EventEntry, Reference, TypeEntry } from './reference.ts';

/** `docs/events.md`: what is written to the log, who asks for it, who sees it. */
export function eventsMarkdown(reference: Reference): string {
  return [
    '# Events, commands and refusals',
    '<!-- Generated from schemas/src by `npm run generate`; edit the schemas instead. -->',
    introduction,
    '## Envelope',
    'Every event is a CloudEvent 1.0 with these attributes.',
    fieldTable(reference.envelope),
    'The first event of each command carries in `data.cause` the command itself ([Cause](#cause)), so that the decision can be taken again by other code.',
    '## Events',
    table(
      ['Event', 'Summary', 'Caused by', 'Seen by'],
      reference.events.map((e) => [
        `[${e.type}](#${slug(e.type)})`,
        e.summary,
        e.causedBy.join(', '),
        e.visibility,
      ]),
    ),
    ...reference.events.map(eventChapter),
    '## Commands',
    'A command is a wish; the owner of the call answers it with events, with nothing (it had happened already) or with a refusal. Those marked *client* may come over the WebSocket; the platform makes the others itself.',
    ...reference.commands.flatMap((command) => [
      `### ${command.type}`,
      `${command.summary} ${command.client ? '*client*' : '*platform*'}`,
      command.fields.length > 0 ? fieldTable(command.fields) : 'No fields.',
    ]),
    '## Refusals',
    'Codes are stable: switch on them. Over HTTP they come as problem details (RFC 9457) with the status; over the WebSocket in `reply.error`.',
    table(
      ['Code', 'HTTP status', 'Sentence'],
      reference.rejections.map(({ code, status, message }) => [`\`${code}\``, String(status), message]),
    ),
    '## Telemetry',
    `Not facts: written in batches by gateways to \`${streams.telemetry}\`, kept shorter, never part of a call's state.`,
    ...reference.telemetry.flatMap((entry) => [`### ${entry.type}`, entry.summary, fieldTable(entry.fields)]),
    '## Types',
    ...reference.types.flatMap(typeChapter),
    '## Limits',
    table(
      ['Limit', 'Value', 'Why'],
      reference.limits.map(({ name, value, reason }) => [`\`${name}\``, count(value), reason]),
    ),
    '## Close codes',
    '4000-4099: do not come back. 4100-4199: come back after a pause. 4200-4299: come back now.',
    table(
      ['Code', 'Reason'],
      reference.closeCodes.map(({ code, reason }) => [String(code), reason]),
    ),
  ].join('\n\n');
}

const introduction = `Facts of a call are in the stream \`${streams.events(0).replace('00', '<pp>')}\` on the subject \`${subjects
  .events(0)
  .replace(
    '00',
    '<pp>',
  )}\`, where \`<pp>\` is the first part of the call's id. One message is one commit: a list of events. The tap republishes each event on \`${subjects.tap('<callId>', '<type without call.>')}\`.`;

function eventChapter(event: EventEntry): string {
  return [
    `### ${event.type}`,
    event.summary,
    table(
      ['Version', 'Caused by', 'Seen by', 'Tap'],
      [
        [
          String(event.version),
          event.causedBy.map((cause) => `\`${cause}\``).join(', '),
          event.visibility === 'call' ? 'everyone in the call' : 'the addressee alone',
          `\`${subjects.tap('<callId>', event.type)}\``,
        ],
      ],
    ),
    fieldTable(event.fields),
  ].join('\n\n');
}

function typeChapter(entry: TypeEntry): string[] {
  const title = `### ${entry.id}`;
  if (entry.alternatives.length === 0) return [title, `${entry.description} Form: ${typeText(entry.form)}.`];
  return [title, entry.description, entry.alternatives.map(fieldTable).join('\n\nor\n\n')];
}

function fieldTable(fields: readonly Field[]): string {
  return table(
    ['Field', 'Type', 'Required', 'Meaning'],
    fields.map(({ name, type, required, meaning }) => [
      `\`${name}\``,
      typeText(type),
      required ? 'yes' : 'no',
      meaning,
    ]),
  );
}

function typeText(parts: readonly TypePart[]): string {
  return parts.map(({ text, id }) => (id === undefined ? text : `[${text}](#${slug(id)})`)).join('');
}

/** How GitHub and most Markdown readers name the anchor of a heading. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
