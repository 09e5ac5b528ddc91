// uWebSockets.js, whichever binary loads here. The package picks its file itself and knows nothing of the copy that the
// set-up makes for an older glibc, so we load the file and give it the package's types.

import { createRequire } from 'node:module';
import { uwsBinaryPath } from '@ringback/runtime/native-parts';
import type * as Uws from 'uWebSockets.js';

const path = uwsBinaryPath();
if (path === undefined) {
  throw new Error(
    `uWebSockets.js has no binary for ${process.platform} ${process.arch} and Node ${process.version}: run npm run setup`,
  );
}

const uws = createRequire(import.meta.url)(path) as typeof Uws;

export default uws;
export const { App, us_listen_socket_close, us_socket_local_port } = uws;
