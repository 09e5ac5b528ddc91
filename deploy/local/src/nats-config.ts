// nats-server's configuration: one account, and for each user only what its part of the path needs.
// Who may say what is the design's fence against a wrong or taken-over process: only the calls worker writes facts.

import { join } from 'node:path';
import { buckets, streams } from '@ringback/schemas';
import type { NatsUser, Secrets } from './home.ts';
import { subjects } from '@ringback/schemas';
import { limits } from './limits.ts';

interface Permissions {
  publish: string[];
  subscribe: string[];
}

/**
 * Reading streams. A stream's name is one token of the subject and NATS has no wildcard within a token, so this says
 * "every stream of the account" (there are none but ours) instead of EVT_* and TEL.
 */
const readStreams = [
  '$JS.API.INFO',
  '$JS.API.STREAM.INFO.*',
  '$JS.API.STREAM.MSG.GET.*',
  '$JS.API.DIRECT.GET.*',
  '$JS.API.DIRECT.GET.*.>',
  '$JS.API.CONSUMER.CREATE.*',
  '$JS.API.CONSUMER.CREATE.*.>',
  '$JS.API.CONSUMER.INFO.*.*',
  '$JS.API.CONSUMER.MSG.NEXT.*.*',
  '$JS.API.CONSUMER.DELETE.*.*',
  '$JS.ACK.>',
  '$JS.FC.>',
];

/** What the nats command line asks before it shows a stream. */
const listStreams = [
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.LIST',
  '$JS.API.CONSUMER.NAMES.*',
  '$JS.API.CONSUMER.LIST.*',
];

/** Snapshots are the calls worker's own: nobody else reads them, though all may read the log. */
const readSnapshots = [
  `$JS.API.*.*.${streams.snapshots}`,
  `$JS.API.*.*.${streams.snapshots}.>`,
  `$JS.API.STREAM.MSG.GET.${streams.snapshots}`,
];

/** Each user's replies come in on a prefix of its own, so that nobody reads another's. The nats CLI's is plain `_INBOX`. */
const inbox = (user: NatsUser) => `_INBOX_${user}.>`;
const cliInbox = '_INBOX.>';

/** The name of this machine's media gateway. */
export const mediaGatewayId = 'media-1';

export const natsPermissions: Record<Exclude<NatsUser, 'admin'>, Permissions> = {
  calls: {
    publish: [
      ...['evt.*', 'ask.*', 'head.*', 'feed.*', 'call.>', 'tel.*', '$JS.API.>', '$JS.ACK.>', '$JS.FC.>'],
      // Its snapshots: who could write them could make it believe what never happened.
      `$O.${buckets.snapshots}.>`,
      ...['worker.*', 'hand.*'],
      ...[inbox('calls'), inbox('edge'), inbox('media'), inbox('viewer'), cliInbox],
    ],
    subscribe: ['cmd.*', 'ask.*', 'beat.*', 'head.*', 'worker.*', 'hand.*', inbox('calls')],
  },
  edge: {
    // Gateways ask each other who is there, so they answer each other too.
    publish: [
      ...['cmd.*', 'ask.*', 'beat.*', 'tel.*', 'media.*', 'people.*', 'presence.*', inbox('edge')],
      ...readStreams,
    ],
    subscribe: ['feed.*', 'head.*', 'beat.*', 'people.*', 'presence.*', inbox('edge')],
  },
  media: {
    publish: ['cmd.*', 'ask.*', 'beat.*', 'tel.*'],
    subscribe: [`feed.${mediaGatewayId}`, 'head.*', 'media.*', inbox('media')],
  },
  views: {
    publish: [...readStreams, inbox('edge'), inbox('viewer'), inbox('admin'), cliInbox],
    subscribe: [subjects.viewQuestions, subjects.viewOrders, inbox('views')],
  },
  viewer: {
    publish: ['ask.*', ...readStreams, ...listStreams],
    subscribe: ['call.>', 'head.*', inbox('viewer'), cliInbox],
  },
};

export interface NatsConfigOptions {
  home: string;
  port: number;
  monitoringPort: number;
  passwords: Secrets['nats'];
}

/** nats-server reads JSON as well as its own format; JSON needs no escaping rules of ours. */
export function natsConfig({ home, port, monitoringPort, passwords }: NatsConfigOptions): string {
  return JSON.stringify(
    {
      server_name: 'ringback',
      // Nothing of this is for other machines: the edge is the only way in.
      host: '127.0.0.1',
      port,
      http: `127.0.0.1:${monitoringPort}`,
      max_payload: limits.natsPayloadBytesMax,
      pid_file: natsPidFile(home),
      jetstream: {
        store_dir: join(home, 'nats'),
        // An acknowledged commit is on the disk, not in the page cache: what was shown to people survives a power cut.
        sync_interval: 'always',
      },
      accounts: {
        RINGBACK: {
          jetstream: 'enabled',
          users: [
            ...Object.entries(natsPermissions).map(([user, permissions]) => ({
              user,
              password: passwords[user as NatsUser],
              permissions:
                user === 'calls'
                  ? permissions
                  : { ...permissions, publish: { allow: permissions.publish, deny: readSnapshots } },
            })),
            { user: 'admin', password: passwords.admin },
          ],
        },
        // Named and without users: else nats-server makes one that is on by default.
        SYS: { users: [] },
      },
      system_account: 'SYS',
    },
    null,
    2,
  );
}

export function natsPidFile(home: string): string {
  return join(home, 'nats-server.pid');
}
