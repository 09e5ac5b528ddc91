import { effect, signal, useSignal } from '@preact/signals';
import type { ParticipantView } from '@ringback/schemas';
import type { RemoteTrack } from '@ringback/sdk';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { CopyButton } from '../ui/copy-button.tsx';
import { Icon } from '../ui/icons.tsx';
import type { CallSession } from './call-session.ts';
import { pageOrder, withSelf } from './page-order.ts';
import { presentPeople, raisedHands, sends } from './people.ts';
import { stageLayout, type Size, type StageLayout } from './stage-layout.ts';
import { largeItem, screenItem, tileSizes } from './stage-state.ts';
import { RemoteTile, ScreenTile, SelfTile, styleOf } from './tile.tsx';

const invitationItem = 'invitation';
const pageVisible = signal(true);
effect(() => {
  const look = () => (pageVisible.value = document.visibilityState === 'visible');
  look();
  document.addEventListener('visibilitychange', look);
  return () => document.removeEventListener('visibilitychange', look);
});

/** Everybody in the call: a grid, or one large and the others beside. */
export function Stage(props: { session: CallSession; onRemove: (person: ParticipantView) => void }) {
  const { session } = props;
  const area = useRef<HTMLDivElement>(null);
  const size = useSize(area);
  const people = presentPeople(session.view.value);
  const screens = session.remote.current.value.filter((t) => t.source === 'screen');
  const { layout, large } = useLayout(session, people, screens, size);
  useTileSizes(session, layout);
  const hands = raisedHands(people);
  return (
    <div class="stage">
      <div ref={area} class={large === undefined ? 'tiles' : 'tiles has-large'} data-testid="tiles">
        {screens.map((screen) => {
          const box = layout.boxes.get(screenItem(screen.participantId));
          const presenter = people.find((p) => p.participantId === screen.participantId);
          return (
            box && (
              <ScreenTile key={screenItem(screen.participantId)} {...{ session, screen, presenter, box }} />
            )
          );
        })}
        {/* In the order they came, wherever they stand: an element that is moved in the page would flash. */}
        {people.map((person) => {
          const box = layout.boxes.get(person.participantId);
          const Tile = person.participantId === session.participantId ? SelfTile : RemoteTile;
          const hand = hands.indexOf(person) + 1 || undefined;
          return (
            box && (
              <Tile
                key={person.participantId}
                {...{ session, person, box, hand }}
                onRemove={props.onRemove}
              />
            )
          );
        })}
        {layout.boxes.has(invitationItem) && (
          <Invitation style={styleOf(layout.boxes.get(invitationItem)!)} />
        )}
        <Pager session={session} />
      </div>
    </div>
  );
}

/** Where everything stands; keeps the order of tiles from one time to the next. */
function useLayout(
  session: CallSession,
  people: readonly ParticipantView[],
  screens: readonly RemoteTrack[],
  size: Size,
): { layout: StageLayout; large: string | undefined } {
  const { stage, speaking, participantId } = session;
  const order = useRef<readonly string[]>([]);
  const self = people.some((p) => p.participantId === participantId) ? participantId : undefined;
  const others = people.map((p) => p.participantId).filter((id) => id !== participantId);
  const shared = screens.map((s) => screenItem(s.participantId));
  const active = speaking.active.value;
  const large = largeItem({
    view: stage.view.value,
    pinned: stage.pinned.value,
    screens: shared,
    others: pageOrder(order.current, others, 0, undefined, speaking.heardAt),
    active,
    self,
  });
  const alone = others.length === 0 ? [invitationItem] : [];
  /** How many of the others, and oneself, stand on the first page; the large one takes no place on it. */
  const places = (perPage: number) =>
    perPage - shared.filter((item) => item !== large).length + (others.some((id) => id === large) ? 1 : 0);
  const itemsOf = (sorted: readonly string[], perPage: number) => [
    ...shared,
    ...withSelf(sorted, self, places(perPage)),
    ...alone,
  ];
  const { perPage } = stageLayout(size, itemsOf(others, Infinity), 0, large);
  const firstPage = places(perPage) - (self === undefined ? 0 : 1);
  const speaker = active === large ? undefined : active;
  order.current = pageOrder(order.current, others, firstPage, speaker, speaking.heardAt);
  const layout = stageLayout(size, itemsOf(order.current, perPage), stage.page.value, large);
  useLayoutEffect(() => stage.laidOut(large, layout.page, layout.pages));
  const screenCount = useRef(0);
  useEffect(() => {
    if (screens.length > screenCount.current) stage.screenShared();
    screenCount.current = screens.length;
  }, [screens.length]);
  return { layout, large };
}

/** Tells the Call Server what is seen and how large, and the SDK of pictures that nobody can see arrive. */
function useTileSizes(session: CallSession, { boxes }: StageLayout): void {
  const { remote, speaking } = session;
  const itemOf = (t: RemoteTrack) => (t.source === 'screen' ? screenItem(t.participantId) : t.participantId);
  const isVideo = (t: RemoteTrack) => t.track.kind === 'video';
  const boxOf = (t: RemoteTrack) => {
    const person = session.view.value?.participants[t.participantId];
    const seen = pageVisible.value && person !== undefined && sends(person, t.source);
    return seen ? boxes.get(itemOf(t)) : undefined;
  };
  const videos = [...remote.current.value, ...remote.arriving.value].filter(isVideo);
  const sizes = tileSizes(videos, boxOf, devicePixelRatio, speaking.active.value);
  useEffect(() => session.setTiles(sizes), [session, JSON.stringify(sizes)]);
  const unseen = remote.arriving.value.filter((t) => isVideo(t) && !boxOf(t));
  useEffect(() => {
    for (const track of unseen) remote.shown(track);
  }, [unseen.map((t) => t.trackId).join()]);
}

function useSize(element: { current: HTMLElement | null }): Size {
  const size = useSignal<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const watched = element.current;
    if (!watched) return;
    const measure = () => (size.value = { width: watched.clientWidth, height: watched.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    return () => observer.disconnect();
  }, []);
  return size.value;
}

function Pager({ session: { stage } }: { session: CallSession }) {
  const page = stage.page.value;
  const pages = stage.pages.value;
  if (pages < 2) return null;
  return (
    <nav class="pager" aria-label="Pages of people" data-testid="pager">
      <button
        type="button"
        class="button quiet icon-only"
        aria-label="Previous page"
        title="Previous page (←)"
        disabled={page === 0}
        onClick={() => stage.turn(-1)}
      >
        <Icon name="previous" />
      </button>
      <span class="dots" aria-hidden="true">
        {Array.from({ length: pages }, (_, i) => (
          <span key={i} class={i === page ? 'dot here' : 'dot'} />
        ))}
      </span>
      <span class="visually-hidden">
        Page {page + 1} of {pages}
      </span>
      <button
        type="button"
        class="button quiet icon-only"
        aria-label="Next page"
        title="Next page (→)"
        disabled={page === pages - 1}
        onClick={() => stage.turn(1)}
      >
        <Icon name="next" />
      </button>
    </nav>
  );
}

/** Nobody else is here yet: the one thing to do is to send the link. */
function Invitation({ style }: { style: string }) {
  return (
    <div class="invitation" style={style}>
      <h2>You are the only one here</h2>
      <p class="soft">Send the link to whom you want to talk to.</p>
      <p class="mono small link-text">{`${location.origin}${location.pathname}`}</p>
      <CopyButton text={() => `${location.origin}${location.pathname}`} label="Copy the link" icon="link" />
    </div>
  );
}
