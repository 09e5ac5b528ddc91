import { limits as contract, type CallEvent, type CallView, type IceServer } from '@ringback/schemas';
import type { ParticipantView, QualitySample, Report, Tiles } from '@ringback/schemas';
import { CallServerLeg } from '../call-server/call-server-leg.ts';
import type { PageCertificate } from '../call-server/certificate.ts';
import { DeviceLoader } from '../call-server/device-loader.ts';
import { TileSignals } from '../call-server/tiles.ts';
import { sdkLimits } from '../limits.ts';
import { Mesh } from '../p2p/mesh.ts';
import { goodUplink, nextUplink, type Uplink } from '../p2p/uplink.ts';
import type { Ports, Timer } from '../ports.ts';
import type { CallEvents, IceServers, PeerQuality, RemoteTrack, Tile } from '../types.ts';
import { IceServerKeeper } from './ice-servers.ts';
import { JoinMarks } from './join-marks.ts';
import type { Leg, LegMeasures, SendCommand } from './leg.ts';
import { LocalMedia } from './local-media.ts';
import { epochsFor, isIn, isPublished, othersWithMedia, routeOf } from './route.ts';
import { Stage } from './stage.ts';

type MediaEventName =
  | 'remote-track'
  | 'remote-track-ended'
  | 'track-arriving'
  | 'track-swapped'
  | 'local-tracks'
  | 'layers'
  | 'connection'
  | 'quality'
  | 'warning';

export interface MediaOptions {
  ports: Ports;
  participantId: string;
  instanceId: string;
  /** This page's, on its way; undefined where it can not use a Call Server. */
  certificate: Promise<PageCertificate | undefined> | undefined;
  command: SendCommand;
  /** Beside the log, and only while there is a socket: what is lost is said again. */
  sendTiles(tiles: Tiles): void;
  sendReport(report: Report): void;
  getIceServers(): Promise<IceServers>;
  emit<Name extends MediaEventName>(name: Name, payload: CallEvents[Name]): void;
}

/**
 * The media of a call, by whichever way it takes. Which legs there should be follows from the state of the call, and
 * what is shown from what flows on them: so a snapshot, a lost socket or a reload in the midst of a switch end in the
 * right leg as well as the events do.
 */
export class Media {
  readonly local: LocalMedia;
  readonly marks: JoinMarks;
  readonly #options: MediaOptions;
  readonly #mesh: Mesh;
  readonly #stage: Stage;
  readonly #tiles: TileSignals;
  readonly #iceServers: IceServerKeeper;
  readonly #stopNetwork: () => void;
  readonly #loader: DeviceLoader;
  /** Through a Call Server, by epoch: the current one, and one that is kept while there is a way back to it. */
  readonly #legs = new Map<number, CallServerLeg>();
  #view: CallView | undefined;
  #isOnline = false;
  /** The switch that was said to be done, so that it is said once: epoch and the joining it belongs to. */
  #saidShown = '';
  #connections = new Map<string, string>();
  #uplink: Uplink = goodUplink;
  #quality: readonly PeerQuality[] = [];
  #qualityTimer: Timer;
  #closed = false;

  constructor(options: MediaOptions) {
    this.#options = options;
    const { ports, emit } = options;
    this.marks = new JoinMarks(ports.clock);
    this.#loader = new DeviceLoader(ports.clock, () => ports.loadDevice());
    this.#tiles = new TileSignals(ports.clock, (tiles) => options.sendTiles(tiles));
    this.#stage = new Stage(ports.clock, {
      started: (track) => emit('remote-track', track),
      ended: (track) => emit('remote-track-ended', track),
      arriving: (track) => emit('track-arriving', track),
      swapped: (swap) => emit('track-swapped', swap),
      firstFrame: () => this.#firstFrame(),
      changed: () => this.#sayShown(),
      isHidden: (key) => this.#tiles.isHidden(key),
    });
    this.local = this.#makeLocal();
    this.#mesh = this.#makeMesh();
    this.#iceServers = new IceServerKeeper(ports.clock, options.getIceServers, (servers) =>
      this.#eachLeg((leg) => leg.setIceServers(servers)),
    );
    this.#stopNetwork = ports.onNetworkChange(() => this.#eachLeg((leg) => leg.networkChanged()));
    this.#scheduleQuality();
  }

  get remoteTracks(): readonly RemoteTrack[] {
    return this.#stage.tracks;
  }

  get quality(): readonly PeerQuality[] {
    return this.#quality;
  }

  setIceServers(servers: IceServer[]): void {
    this.#iceServers.set(servers);
  }

  /** In case there will be a Call Server: while everybody waits for it would be too late. */
  preload(): void {
    if (!this.#closed && this.#options.certificate !== undefined) this.#loader.preload();
  }

  /** Whether commands get through now: in the call, on a socket. */
  setOnline(isOnline: boolean): void {
    if (this.#closed) return;
    this.#isOnline = isOnline;
    for (const leg of this.#legs.values()) leg.setOnline(isOnline);
    this.#tiles.setOnline(isOnline);
    this.#tellJoined();
  }

  /** Takes the call's new state; `event` is what led to it, absent for a snapshot. */
  update(view: CallView, event: CallEvent | undefined): void {
    if (this.#closed) return;
    this.#view = view;
    this.#followRoute(view);
    this.#mesh.update(view, event);
    for (const leg of this.#legs.values()) leg.update(view, event);
    this.#followMe(view, event);
    this.#tiles.keep((key) => isPublished(view, key));
    this.#stage.update(view);
    this.#tellConnections();
    this.#sayShown();
  }

  /** See `Call.setTiles`. */
  setTiles(tiles: Readonly<Record<string, Tile>>): void {
    this.#tiles.set(tiles);
    if (this.#view === undefined || this.#closed) return;
    this.#stage.update(this.#view);
    this.#sayShown();
  }

  /** See `Call.trackShown`. */
  trackShown({ track }: Pick<RemoteTrack, 'track'>): void {
    this.#stage.shown(track);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.ports.clock.clearTimeout(this.#qualityTimer);
    this.#stopNetwork();
    this.#iceServers.close();
    this.#tiles.close();
    this.local.close();
    this.#mesh.close();
    this.#loader.close();
    for (const leg of this.#legs.values()) leg.close();
    this.#legs.clear();
    this.#stage.close();
  }

  #makeLocal(): LocalMedia {
    const { command, emit } = this.#options;
    return new LocalMedia({
      command,
      // Not on a leg through the Call Server that another one is about to replace.
      added: (track) => [this.#mesh, this.#leg].forEach((leg) => leg?.addTrack(track)),
      replaced: (trackId, track) => this.#eachLeg((leg) => leg.replaceTrack(trackId, track)),
      removed: (trackId) => this.#eachLeg((leg) => leg.removeTrack(trackId)),
      changed: (tracks) => emit('local-tracks', tracks),
      failed: (error) => emit('warning', error),
    });
  }

  #makeMesh(): Mesh {
    const { ports, participantId, instanceId, command, emit } = this.#options;
    return new Mesh({
      ports,
      participantId,
      instanceId,
      command,
      tracks: () => this.local.outgoing,
      iceServers: () => this.#iceServers.servers,
      arrived: (track, epoch, stats) => this.#stage.add(track, epoch, stats),
      ended: (track) => this.#stage.remove(track),
      connectionChanged: () => {
        this.#tellConnections();
        this.#sayShown();
      },
      mark: (name) => this.marks.mark(name),
      failed: (error) => emit('warning', error),
    });
  }

  #makeLeg(epoch: number): CallServerLeg {
    const { ports, participantId, instanceId, command, emit, certificate } = this.#options;
    return new CallServerLeg({
      ports,
      participantId,
      instanceId,
      epoch,
      loadDevice: () => this.#loader.load(),
      certificate: async () => (await certificate)?.certificate,
      command,
      tracks: () => this.local.outgoing,
      iceServers: () => this.#iceServers.servers,
      arrived: (track, stats) => this.#stage.add(track, epoch, stats),
      ended: (track) => this.#stage.remove(track),
      changed: () => this.#legChanged(),
      mark: (name) => this.marks.mark(name),
      failed: (error) => emit('warning', error),
    });
  }

  /** The leg of a route that is neither the current one nor kept beside it is dropped at once, whatever it carries. */
  #followRoute(view: CallView): void {
    const { participantId, instanceId } = this.#options;
    const amIn = isIn(view.participants[participantId], instanceId);
    const wanted = amIn ? epochsFor(view, 'call-server') : [];
    for (const leg of [...this.#legs.values()].filter(({ epoch }) => !wanted.includes(epoch))) {
      this.#legs.delete(leg.epoch);
      leg.close();
      this.#tellReceived();
    }
    // Of the route before there is nothing to be made any more.
    const { kind, epoch } = routeOf(view);
    if (!amIn || kind !== 'call-server' || this.#legs.has(epoch)) return;
    const leg = this.#makeLeg(epoch);
    this.#legs.set(epoch, leg);
    leg.setOnline(this.#isOnline);
  }

  /** The current one; on the way back the one that is kept. */
  get #leg(): CallServerLeg | undefined {
    const epoch = this.#view && epochsFor(this.#view, 'call-server')[0];
    return epoch === undefined ? undefined : this.#legs.get(epoch);
  }

  #tellReceived(): void {
    this.#tiles.setReceived([...this.#legs.values()].flatMap(({ received }) => received));
  }

  #followMe(view: CallView, event: CallEvent | undefined): void {
    const { participantId, instanceId } = this.#options;
    const me = view.participants[participantId];
    const isArrival = me !== undefined && isOwnArrival(event, me, instanceId);
    if (isArrival) this.local.reconcile(me);
    const isOwn =
      event !== undefined && 'participantId' in event.data && event.data.participantId === participantId;
    // What was announced before it was published may have been refused. One producer a track is listed: the newest leg's.
    const isPublication = isOwn && event.type === 'call.track.published';
    if (me !== undefined && (isArrival || isPublication)) this.#leg?.reconcile(me);
    if (isOwn && (event.type === 'call.track.muted' || event.type === 'call.track.unmuted'))
      this.local.listed(event);
    if (event?.type === 'call.layers.changed' && event.data.to === participantId) {
      const { participantId: whose, trackId, decision, reason, layers, samples } = event.data;
      this.#options.emit('layers', { participantId: whose, trackId, decision, reason, layers, samples });
    }
  }

  #legChanged(): void {
    if (this.#closed) return;
    this.#tellReceived();
    this.#tellConnections();
    this.#sayShown();
  }

  /** Says once that everybody's media is shown by the current route. */
  #sayShown(): void {
    const view = this.#view;
    if (view === undefined || this.#closed) return;
    const { participantId, instanceId, command } = this.#options;
    const { kind, epoch } = routeOf(view);
    const me = view.participants[participantId];
    // Out of the call, what was said is forgotten there.
    if (!isIn(me, instanceId)) this.#saidShown = '';
    if (epoch === 0 || !isIn(me, instanceId) || me.shownEpoch === epoch) return;
    const saying = `${epoch}@${me.joinedAt}`;
    // Where everything is muted or hidden there is nothing to be seen of a leg but this.
    const isConnected =
      kind === 'p2p'
        ? this.#mesh.isConnectedToAll(othersWithMedia(view, participantId), me)
        : this.#legs.get(epoch)?.isConnected === true;
    if (this.#saidShown === saying || !isConnected || !this.#stage.isComplete(view, participantId)) return;
    this.#saidShown = saying;
    command('call.swapped', { epoch, samples: this.#stage.samples() }).catch(() => {
      if (this.#saidShown === saying) this.#saidShown = '';
    });
  }

  /**
   * The connection that carries each of the others: of two during a switch, the one that works, else the new one. On the
   * Call Server one connection carries everybody.
   */
  #tellConnections(): void {
    const view = this.#view;
    if (view === undefined || this.#closed) return;
    const told = new Map<string, string>();
    for (const { participantId } of othersWithMedia(view, this.#options.participantId)) {
      const report = this.#connectionTo(view, participantId);
      const text = report === undefined ? this.#connections.get(participantId) : JSON.stringify(report);
      if (text !== undefined) told.set(participantId, text);
      if (report === undefined || this.#connections.get(participantId) === text) continue;
      this.#connections.set(participantId, text!);
      this.#options.emit('connection', report);
    }
    this.#connections = told;
  }

  #connectionTo(view: CallView, participantId: string): CallEvents['connection'] | undefined {
    const direct = this.#mesh.connectionTo(participantId);
    const state = this.#leg?.connectionState;
    const path = state === 'connected' ? this.#leg?.path : undefined;
    const server =
      state === undefined
        ? undefined
        : {
            participantId,
            state: state === 'new' ? ('connecting' as const) : state,
            ...(path === undefined ? {} : { pair: path }),
          };
    const [now, before] = routeOf(view).kind === 'p2p' ? [direct, server] : [server, direct];
    return now?.state !== 'connected' && before?.state === 'connected' ? before : now;
  }

  #firstFrame(): void {
    this.marks.mark('firstFrame');
    this.#tellJoined();
  }

  #tellJoined(): void {
    if (!this.#isOnline || this.#view === undefined) return;
    const report = this.marks.take(routeOf(this.#view).kind);
    if (report !== undefined) this.#options.sendReport(report);
  }

  #scheduleQuality(): void {
    this.#qualityTimer = this.#options.ports.clock.setTimeout(() => {
      void this.#measure();
      this.#scheduleQuality();
    }, sdkLimits.qualityMs);
  }

  async #measure(): Promise<void> {
    const nowMs = this.#options.ports.clock.now();
    const none: LegMeasures = { people: [], samples: [] };
    const [mesh, leg] = await Promise.all([this.#mesh.measure(nowMs), this.#leg?.measure(nowMs) ?? none]);
    if (this.#closed || this.#view === undefined) return;
    const isDirect = routeOf(this.#view).kind === 'p2p';
    // In a switch somebody is on both: the new leg says what will be.
    const [first, second] = isDirect ? [leg, mesh] : [mesh, leg];
    const people = new Map([...first.people, ...second.people].map((one) => [one.participantId, one]));
    this.#quality = [...people.values()];
    for (const quality of this.#quality) this.#options.emit('quality', quality);
    this.#reportQuality([...mesh.samples, ...leg.samples]);
    this.#judgeUplink(isDirect, nowMs);
  }

  #reportQuality(samples: QualitySample[]): void {
    if (!this.#isOnline || samples.length === 0) return;
    this.#options.sendReport({ kind: 'quality', samples: samples.slice(0, contract.reportSamplesMax) });
  }

  /** Peer to peer only: to the Call Server there are smaller layers to fall back to. */
  #judgeUplink(isDirect: boolean, nowMs: number): void {
    const before = this.#uplink;
    const hasCamera = this.local.tracks.some(({ source, muted }) => source === 'camera' && !muted);
    const sample = this.#mesh.uplink();
    if (!isDirect) this.#uplink = goodUplink;
    else if (hasCamera && sample !== undefined) this.#uplink = nextUplink(before, sample, nowMs);
    const { decision } = this.#uplink;
    if (decision === before.decision) return;
    this.#mesh.setBandwidth(decision);
    const { availableOutgoingBitrate: available, fractionLost } = sample ?? {};
    const samples = {
      ...(available === undefined ? {} : { availableOutgoingBitrate: available }),
      ...(fractionLost === undefined ? {} : { fractionLost }),
    };
    this.#options
      .command('call.bandwidth', { decision, samples })
      .catch((error) => this.#closed || this.#options.emit('warning', error));
  }

  #eachLeg(run: (leg: Leg) => void): void {
    run(this.#mesh);
    for (const leg of this.#legs.values()) run(leg);
  }
}

/** The moments at which the list of our tracks is known to be complete: a snapshot, and our own (re)join. */
function isOwnArrival(event: CallEvent | undefined, me: ParticipantView, instanceId: string): boolean {
  if (me.presence !== 'connected' || me.instanceId !== instanceId) return false;
  if (event === undefined) return true;
  const arrived = event.type === 'call.participant.joined' || event.type === 'call.participant.reconnected';
  return arrived && event.data.participantId === me.participantId;
}
