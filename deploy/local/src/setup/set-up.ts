// Which parts are set up for what, and in which order: the quick and the required ones first.

import { partVersions } from '@ringback/runtime/native-parts';
import { runStep } from '../../bootstrap/progress.mjs';
import { setUpChromium } from './chromium.ts';
import { setUpCoturn } from './coturn.ts';
import { setUpK6ToTest } from './k6.ts';
import { setUpMediasoup } from './mediasoup.ts';
import { setUpNatsServer } from './nats-server.ts';
import { setUpNetworkTools } from './network-tools.ts';
import { setUpNginxToTest } from './nginx.ts';
import { setUpPostgres } from './postgres.ts';
import { setUpUws } from './uws.ts';
import { setUpWebApp } from './web-app.ts';

/** What the platform can not start without, and the TURN server where it can be had. */
export async function setUpToStart(root: string): Promise<void> {
  await runStep(`uWebSockets.js ${partVersions.uWebSockets}`, setUpUws);
  // Somebody else's nats-server or cluster: then we run none.
  if (!process.env.RINGBACK_NATS_URL)
    await runStep(`nats-server ${partVersions.natsServer}`, setUpNatsServer);
  await runStep('coturn', setUpCoturn);
  await runStep('web app', (say) => setUpWebApp(root, say));
}

/** Everything, for people who want it done beforehand (`npm run setup`). */
export async function setUpAll(root: string): Promise<void> {
  await setUpToStart(root);
  await runStep(`Postgres ${partVersions.pglite}`, setUpPostgres);
  await runStep(`mediasoup worker ${partVersions.mediasoup}`, setUpMediasoup);
}

export async function setUpToTest(root: string): Promise<void> {
  await setUpToStart(root);
  await runStep(`Postgres ${partVersions.pglite}`, setUpPostgres);
  await runStep('Chromium', setUpChromium);
  await runStep('network tools', setUpNetworkTools);
  await runStep('nginx', setUpNginxToTest);
  await runStep(`k6 ${partVersions.k6}`, setUpK6ToTest);
  await runStep(`mediasoup worker ${partVersions.mediasoup}`, setUpMediasoup);
}
