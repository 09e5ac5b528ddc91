import { defineProjection } from '@ringback/projections';
import { msOfTime } from '@ringback/schemas';

interface Session {
  readonly sessionId: string;
  readonly userId: string;
  readonly gateway: string;
  readonly presence: 'connected' | 'disconnected';
  /** Since when it is so, milliseconds since 1970. */
  readonly since: number;
}

interface SessionsState {
  readonly tenantId: string;
  /** By participant id: those in the call. */
  readonly sessions: Readonly<Record<string, Session>>;
}

/** Who is in which call, by which socket on which gateway. Who left has no row. */
export const sessions = defineProjection({
  name: 'sessions',
  version: 1,
  handles: [
    'call.participant.joined',
    'call.participant.reconnected',
    'call.participant.disconnected',
    'call.participant.left',
    'call.ended',
  ],
  tables: [
    {
      name: 'session',
      columns: {
        participant_id: 'text',
        session_id: 'text',
        tenant_id: 'text',
        user_id: 'text',
        gateway: 'text',
        presence: 'text',
        since: 'bigint',
      },
      key: ['participant_id'],
      indexes: [['gateway'], ['tenant_id', 'user_id']],
    },
  ],
  evolve(state: SessionsState | undefined, event): SessionsState {
    const { tenantId, sessions: before } = state ?? { tenantId: event.tenantid, sessions: {} };
    const since = msOfTime(event.time);
    const put = (participantId: string, session: Session): SessionsState => ({
      tenantId,
      sessions: { ...before, [participantId]: session },
    });
    const there = (participantId: string): Session => {
      const session = before[participantId];
      if (session === undefined) throw new Error(`${participantId} is not in the call`);
      return session;
    };
    switch (event.type) {
      case 'call.participant.joined': {
        const { participantId, sessionId, userId, gateway } = event.data;
        return put(participantId, { sessionId, userId, gateway, presence: 'connected', since });
      }
      case 'call.participant.reconnected': {
        const { participantId, sessionId, gateway } = event.data;
        return put(participantId, {
          ...there(participantId),
          sessionId,
          gateway,
          presence: 'connected',
          since,
        });
      }
      case 'call.participant.disconnected': {
        const { participantId } = event.data;
        return put(participantId, { ...there(participantId), presence: 'disconnected', since });
      }
      case 'call.participant.left': {
        const { [event.data.participantId]: _, ...others } = before;
        return { tenantId, sessions: others };
      }
      case 'call.ended':
        return { tenantId, sessions: {} };
      default:
        return event satisfies never;
    }
  },
  rows: (_callId, _seq, { tenantId, sessions: all }) => ({
    session: Object.entries(all).map(([participant_id, { sessionId, userId, gateway, presence, since }]) => ({
      participant_id,
      session_id: sessionId,
      tenant_id: tenantId,
      user_id: userId,
      gateway,
      presence,
      since,
    })),
  }),
});
