import { chromiumPath } from '@ringback/runtime';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

/**
 * Real Chromium with a camera and a microphone that always play. Nothing is asked, nothing is fetched from outside.
 *
 * @param options.executablePath another program that starts it
 */
export function launchBrowser(options: { executablePath?: string; args?: string[] } = {}): Promise<Browser> {
  const executablePath = options.executablePath ?? chromiumPath();
  if (executablePath === undefined) throw new Error('Chromium is not there: npm test sets it up');
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream=fps=15',
      ...(options.args ?? []),
    ],
  });
}

export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page itself complained about. */
  readonly errors: string[];
}

/** Somebody with a browser of their own: own storage, own identity. */
export async function newPerson(browser: Browser, viewport = { width: 1280, height: 800 }): Promise<Person> {
  const context = await browser.newContext({ viewport, permissions: ['camera', 'microphone'] });
  // The page's peer connections, for their statistics: a wrapper around the browser's own constructor.
  await context.addInitScript(() => {
    const made: RTCPeerConnection[] = [];
    Object.assign(window, { peerConnections: made });
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        made.push(this);
      }
    };
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  return { context, page, errors };
}

export interface MediaStats {
  framesDecoded: number;
  totalAudioEnergy: number;
  /** Of what the other sends. */
  packetsLost: number;
  /** What the encoder of the picture we send aims at, bit/s. */
  targetBitrate: number;
  localCandidateType: string | undefined;
  remoteCandidateType: string | undefined;
  /** How the TURN server is reached, where the local candidate is a relay's. */
  relayProtocol: string | undefined;
  /** The STUN or TURN server that the local candidate is from. */
  serverUrl: string | undefined;
}

/** What getStats (W3C webrtc-stats) says of the page's one connected peer connection; `undefined` without one. */
export function mediaStats(page: Page): Promise<MediaStats | undefined> {
  return page.evaluate(async () => {
    const all = (window as unknown as { peerConnections: RTCPeerConnection[] }).peerConnections;
    const connection = all.findLast((pc) => pc.connectionState === 'connected');
    if (connection === undefined) return undefined;
    const stats: MediaStats = {
      framesDecoded: 0,
      totalAudioEnergy: 0,
      packetsLost: 0,
      targetBitrate: 0,
      localCandidateType: undefined,
      remoteCandidateType: undefined,
      relayProtocol: undefined,
      serverUrl: undefined,
    };
    const report = await connection.getStats();
    for (const s of report.values()) {
      if (s.type === 'inbound-rtp' && s.kind === 'video') stats.framesDecoded += s.framesDecoded ?? 0;
      if (s.type === 'inbound-rtp' && s.kind === 'audio') stats.totalAudioEnergy += s.totalAudioEnergy ?? 0;
      if (s.type === 'inbound-rtp') stats.packetsLost += s.packetsLost ?? 0;
      if (s.type === 'outbound-rtp' && s.kind === 'video') stats.targetBitrate += s.targetBitrate ?? 0;
      if (s.type !== 'transport' || s.selectedCandidatePairId === undefined) continue;
      const pair = report.get(s.selectedCandidatePairId);
      const local = report.get(pair.localCandidateId);
      stats.localCandidateType = local?.candidateType;
      stats.relayProtocol = local?.relayProtocol;
      stats.serverUrl = local?.url;
      stats.remoteCandidateType = report.get(pair.remoteCandidateId)?.candidateType;
    }
    return stats;
  });
}
