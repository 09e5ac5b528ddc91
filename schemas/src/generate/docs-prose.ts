import { subjects } from '../subjects.ts';
import { httpExamples, messageExamples } from './examples.ts';
import { html, json, type Html } from './html.ts';
import type { Reference } from './reference.ts';

const pre = (text: string): Html => html`<pre><code>${text}</code></pre>`;

/** From nothing to a call that one is in, in four steps that can be pasted. */
export function startChapter(): Html {
  return html`<section id="start">
    <h2>Start here</h2>
    <ol>
      <li>
        <p>Become a guest. The answer holds a token.</p>
        ${pre(curl('/v1/guests', httpExamples.createGuest.body))}
      </li>
      <li>
        <p>Make a call. The answer holds its id, and the path of the link to share.</p>
        ${pre(curl('/v1/calls', { name: 'Weekly planning' }, 'Bearer $TOKEN'))}
      </li>
      <li>
        <p>Open the WebSocket at <code>/v1/ws</code> and say who you are.</p>
        ${json(messageExamples.connect)}
      </li>
      <li>
        <p>
          Join. A <a href="#message-reply">reply</a>, a <a href="#message-snapshot">snapshot</a> and then
          <a href="#message-event">events</a> come back.
        </p>
        ${json(messageExamples['call.join'])}
      </li>
    </ol>
  </section>`;
}

function curl(path: string, body: unknown, authorization?: string): string {
  return [
    `curl http://localhost:8080${path}`,
    ...(authorization ? [`-H "Authorization: ${authorization}"`] : []),
    `-H 'Content-Type: application/json'`,
    `-d '${JSON.stringify(body)}'`,
  ].join(' \\\n  ');
}

/** What an application of one's own signs; the edge's claims schema is the other side of it. */
export function tokensChapter(): Html {
  const grants = [
    ['roomJoin', 'May join calls whose id it knows.'],
    ['room', 'With it: this call alone.'],
    ['roomCreate', 'May make calls.'],
    ['roomList', 'May list the calls it made or was in.'],
    [
      'roomAdmin',
      'Host wherever it joins; reads every timeline of the tenant; may send messages to its users.',
    ],
  ];
  return html`<section id="tokens">
    <h2>Tokens</h2>
    <p>
      A token is a JWT (RFC 7519), signed with HS256 by the secret of an API key. Key and secret of a platform
      of one machine are in <code>secrets.json</code> in its <code>RINGBACK_HOME</code>. Guests get theirs
      from <a href="#createGuest">POST /v1/guests</a>; an application with users of its own signs them itself:
    </p>
    ${pre(`import { SignJWT } from 'jose';

const token = await new SignJWT({ video: { roomJoin: true, room: callId } })
  .setProtectedHeader({ alg: 'HS256' })
  .setIssuer(apiKey)
  .setSubject('user-42')
  .setAudience('ringback')
  .setExpirationTime('2h')
  .sign(new TextEncoder().encode(apiSecret));`)}
    <p>
      <code>iss</code> is the API key and says which tenant; <code>sub</code> is the user, <code>aud</code> is
      <code>ringback</code>, <code>exp</code> must be there and is at most 90 days ahead, <code>nbf</code> is
      kept. Whoever holds a token can use it, as often as they like, until <code>exp</code>; there is no way
      to take it back but a new secret, so sign short ones: a session is
      <a href="#message-token.renew">renewed</a> without being interrupted. <code>guest: true</code> marks
      somebody without an account. Grants stand under <code>video</code>; what is not granted is refused:
    </p>
    <dl>
      ${grants.map(
        ([name, meaning]) =>
          html`<dt><code>${name ?? ''}</code></dt>
            <dd>${meaning ?? ''}</dd>`,
      )}
    </dl>
  </section>`;
}

/** The rules of the socket that no schema can say. */
export function protocolChapter(reference: Reference): Html {
  const ranges = [
    { from: 4000, to: 4099, title: 'Do not come back', advice: 'The same would happen again.' },
    {
      from: 4100,
      to: 4199,
      title: 'Come back after a pause',
      advice: 'Wait for a second or more, longer each time.',
    },
    {
      from: 4200,
      to: 4299,
      title: 'Come back now',
      advice: 'Nothing is wrong with you; name the last sequence you have.',
    },
  ];
  return html`<section id="websocket">
    <h2>WebSocket</h2>
    <p>One socket at <code>/v1/ws</code> serves any number of calls. Frames are text.</p>
    <dl>
      <dt>Frames</dt>
      <dd>
        You send one JSON object a frame. You receive one JSON <strong>array</strong> a frame: all messages
        that were due at that moment, in order.
      </dd>
      <dt>Connect</dt>
      <dd>
        The first message is <a href="#message-connect"><code>connect</code></a> with your token;
        <a href="#message-connected"><code>connected</code></a> answers it. Before that everything else is
        refused.
      </dd>
      <dt>The end of a token</dt>
      <dd>
        Two minutes before it (or at once, where less is left)
        <a href="#message-token.expiring"><code>token.expiring</code></a> comes. Send another token of the
        same user and tenant with <a href="#message-token.renew"><code>token.renew</code></a
        >, and the session goes on as it is; whoever does not is closed with 4004 when the token ends, and
        hears nothing more. The new token must enter the calls that this socket is in or follows.
      </dd>
      <dt>Ids and replies</dt>
      <dd>
        You give every message an <code>id</code>, a UUID, and exactly one
        <a href="#message-reply"><code>reply</code></a> names it (a <code>connect</code> that succeeds gets
        <code>connected</code> instead, <code>token.renew</code> gets <code>token.renewed</code>,
        <code>follow</code> and <code>away</code> get <a href="#message-presence"><code>presence</code></a
        >). Where no reply came, send the same message with the <em>same id</em> again, on a new socket too:
        it has one effect and one result.
      </dd>
      <dt>Joining</dt>
      <dd>
        Make a <code>participantId</code> once for a person on a device and keep it; make an
        <code>instanceId</code> anew each time the page loads. Joining again with the same
        <code>participantId</code> is the way back after a lost socket. With <code>after</code> what you
        missed is replayed; without it a <a href="#message-snapshot"><code>snapshot</code></a> comes first.
      </dd>
      <dt>Events, <code>seq</code> and <code>after</code></dt>
      <dd>
        Events of a call come in order. <code>seq</code> is the event's own sequence; <code>after</code> is
        the sequence of the one delivered to <em>you</em> before it. Sequences may jump, because an offer goes
        to its addressee alone; but where <code>after</code> is not the last <code>seq</code> you have,
        something is missing: join or <a href="#message-watch"><code>watch</code></a> again with the last one
        you have. Drop events you have already.
      </dd>
      <dt>Resync</dt>
      <dd>
        Where too much was missed to replay, a snapshot with <code>resync: true</code> stands in for it:
        replace your state with it and go on.
      </dd>
      <dt>Durable first</dt>
      <dd>Replies and events are sent only once they are stored. What you have seen is never taken back.</dd>
      <dt>The way of the media</dt>
      <dd>
        <code>route</code> in the state says whether media goes from client to client or through a Call
        Server, and <code>call.route.changed</code> that it changes. Build the new leg while the old one goes
        on, show everybody by it, then say <a href="#message-call.swapped"><code>call.swapped</code></a
        >; the old one is over with <code>call.route.settled</code>. Whoever sends no
        <code>fingerprints</code> in <a href="#message-call.join"><code>call.join</code></a> gets no
        transports to a Call Server.
      </dd>
      <dt>Beside the log</dt>
      <dd>
        <a href="#message-tiles"><code>tiles</code></a> and
        <a href="#message-report"><code>report</code></a> change no state and may be lost: say them again when
        they change. They are for who is in the call on this socket; their reply's <code>seq</code> is the
        last event that was looked at for you.
      </dd>
      <dt>People</dt>
      <dd>
        <a href="#message-follow"><code>follow</code></a> tells you whether people are there, on whichever
        gateway their devices are. A socket that is lost counts for five more seconds, so that a reconnect is
        no news; who is on a gateway that died is offline within ten. Say <code>follow</code> and
        <code>away</code> again after each connect. A
        <a href="#message-message"><code>message</code></a> reaches every socket that its user has open, in
        the order in which one application sent them, at most once, and is kept nowhere: what must not be
        missed belongs into a store of the application, and the message says that something is there.
      </dd>
      <dt>Heartbeat</dt>
      <dd>
        The gateway pings every <code>heartbeatMs</code>; whoever hears nothing for twice as long reconnects.
        Somebody whose socket is gone stays in the call for a grace time and comes back by joining.
      </dd>
    </dl>
    <h3 id="close-codes">Close codes</h3>
    ${ranges.map(
      ({ from, to, title, advice }) =>
        html`<h4>${from} to ${to}: ${title}</h4>
          <p>${advice}</p>
          <dl class="codes">
            ${reference.closeCodes
              .filter(({ code }) => code >= from && code <= to)
              .map(
                ({ code, reason }) =>
                  html`<dt><code>${code}</code></dt>
                    <dd>${reason}</dd>`,
              )}
          </dl>`,
    )}
  </section>`;
}

/** How people with a NATS client get the same events. */
export function connectChapter(): Html {
  return html`<section id="nats">
    <h2>Events on NATS</h2>
    <p>
      On the platform's nats-server each event of each call is published once it is stored, as one CloudEvent,
      on
      <code>${subjects.tap('<callId>', '<type without call.>')}</code>. The user <code>viewer</code> may
      subscribe; <code>npx ringback doctor</code> prints address and credentials.
    </p>
    ${pre(`nats sub '${subjects.tapOf('03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10')}'`)}
    <p>
      Nothing is replayed there. The past of a call is at
      <a href="#getEvents">GET /v1/calls/{callId}/events</a>.
    </p>
  </section>`;
}
