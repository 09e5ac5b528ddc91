import { defineProjection } from '@ringback/projections';
import { msOfTime } from '@ringback/schemas';

interface RouteState {
  readonly tenantId: string;
  readonly kind: string;
  readonly epoch: number;
  readonly reason: string;
  /** Life of the media gateway: `<gateway>/<incarnation>`. */
  readonly server: string | null;
  readonly settled: boolean;
  readonly since: number;
  readonly ended: boolean;
}

/** How the media of each open call runs. A call without a row is peer to peer since its beginning. */
export const routes = defineProjection({
  name: 'routes',
  version: 1,
  handles: ['call.route.changed', 'call.route.settled', 'call.ended'],
  tables: [
    {
      name: 'route',
      columns: {
        tenant_id: 'text',
        kind: 'text',
        epoch: 'integer',
        reason: 'text',
        server: 'text',
        settled: 'boolean',
        since: 'bigint',
      },
      key: [],
      indexes: [['server']],
    },
  ],
  evolve(state: RouteState | undefined, event): RouteState {
    switch (event.type) {
      case 'call.route.changed': {
        const { kind, epoch, reason, server } = event.data;
        const [tenantId, since] = [event.tenantid, msOfTime(event.time)];
        return {
          tenantId,
          kind,
          epoch,
          reason,
          server: server?.gateway ?? null,
          settled: false,
          since,
          ended: false,
        };
      }
      case 'call.route.settled':
        return { ...(state ?? direct(event.tenantid)), settled: true };
      case 'call.ended':
        return { ...(state ?? direct(event.tenantid)), ended: true };
      default:
        return event satisfies never;
    }
  },
  rows(_callId, _seq, { tenantId, ended, ...route }) {
    return { route: ended || route.epoch === 0 ? [] : [{ tenant_id: tenantId, ...route }] };
  },
});

/** As every call begins. */
function direct(tenantId: string): RouteState {
  return { tenantId, kind: 'p2p', epoch: 0, reason: '', server: null, settled: true, since: 0, ended: false };
}
