import { isPresent } from '@ringback/domain';
import type { CallView, ParticipantView } from '@ringback/schemas';
import { paint, padEnd, printable, widthOf, type Terminal } from '../terminal.ts';
import { shortId, sinceStart } from '../text.ts';
import { nameOf } from './names.ts';
import { connectionText, routeReasons, serverText } from './media-text.ts';

/** A call as it was after an event: who was in it, what they sent, how they were connected. */
export function stateText(terminal: Terminal, view: CallView, at: number): string {
  const title = view.name === undefined ? view.callId : `${printable(view.name)}  ${view.callId}`;
  const participants = Object.values(view.participants);
  return [
    paint(terminal, 'bold', title),
    `After event ${view.seq}, ${sinceStart(at)}: ${statusText(view)}`,
    ...routeText(view),
    '',
    paint(terminal, 'bold', 'People'),
    ...(participants.length === 0
      ? ['  nobody yet']
      : columns(participants.map((p) => personCells(view, p)))),
    ...connectionsText(terminal, view),
    '',
  ].join('\n');
}

function statusText(view: CallView): string {
  if (view.status === 'ended') return `ended (${view.endReason})`;
  const inside = Object.values(view.participants).filter(isPresent).length;
  const lock = view.locked ? 'locked' : 'not locked';
  return `open, ${lock}, ${inside} of at most ${view.participantsMax} in it`;
}

/** How the media runs and why; `before` is there until everybody has switched. */
function routeText({ route }: CallView): string[] {
  if (route === undefined) return ['Media: peer to peer'];
  const way = route.kind === 'p2p' || route.server === undefined ? 'peer to peer' : serverText(route.server);
  const before =
    route.before === undefined ? '' : `; route ${route.before.epoch} is kept until all have switched`;
  return [`Media: ${way}, route ${route.epoch}, as ${routeReasons[route.reason]}${before}`];
}

function personCells(view: CallView, p: ParticipantView): string[] {
  const presence =
    p.presence === 'disconnected' && p.graceUntil !== undefined
      ? `disconnected, grace until ${sinceStart(p.graceUntil - view.createdAt)}`
      : p.presence === 'left'
        ? `left (${p.leftReason})`
        : p.presence;
  const tracks = Object.values(p.tracks).map(({ source, muted }) => (muted ? `${source} (muted)` : source));
  const hand = p.handRaisedAt === undefined ? [] : ['hand raised'];
  const uplink = p.bandwidth === 'audio-only' ? ['no bandwidth for the camera'] : [];
  const guest = p.guest ? 'guest' : 'account';
  return [
    nameOf(view, p.participantId),
    shortId(p.participantId),
    p.role,
    guest,
    presence,
    [...tracks, ...hand, ...uplink].join(', '),
  ];
}

function connectionsText(terminal: Terminal, view: CallView): string[] {
  const rows = Object.values(view.participants).flatMap((p) => [
    ...Object.values(p.connections).map((connection) => [
      `${nameOf(view, p.participantId)} → ${nameOf(view, connection.peerId)}`,
      connectionText(connection),
    ]),
    ...(['send', 'recv'] as const).flatMap((direction) => {
      const transport = p.transports?.[direction];
      if (transport === undefined) return [];
      return [[`${nameOf(view, p.participantId)} ${direction}`, connectionText(transport)]];
    }),
  ]);
  return rows.length === 0 ? [] : ['', paint(terminal, 'bold', 'Connections'), ...columns(rows)];
}

/** Cells under each other, indented; the last of a row is as long as it is. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
  return rows.map((row) =>
    `  ${row.map((cell, index) => padEnd(cell, widths[index] ?? 0)).join('  ')}`.trimEnd(),
  );
}
