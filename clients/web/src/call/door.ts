import { useEffect, useState } from 'preact/hooks';
import type { CallView } from '@ringback/schemas';
import type { ErrorCode, RingbackError } from '@ringback/sdk';
import { platform } from '../platform.ts';
import { identity } from '../session/identity.ts';
import { callLimits } from './limits.ts';

/** What joining would be refused with; `open` where it would not, as far as one can know. */
export type Door =
  'open' | Extract<ErrorCode, 'call_locked' | 'call_full' | 'call_ended' | 'call_unknown' | 'removed'>;

/** The rules of joining, as the platform has them: a person in the call comes back in any case. */
export function doorOf(view: CallView, userId: string, participantId: string): Door {
  if (view.status === 'ended') return 'call_ended';
  const people = Object.values(view.participants);
  const present = people.filter((p) => p.presence !== 'left');
  if (present.some((p) => p.participantId === participantId && p.userId === userId)) return 'open';
  const host = view.createdBy === userId;
  if (!host && people.some((p) => p.userId === userId && p.leftReason === 'removed')) return 'removed';
  if (view.locked && !host) return 'call_locked';
  return present.length >= view.participantsMax ? 'call_full' : 'open';
}

/**
 * Whether the call lets one in, before one asks; undefined for the moment until that is known. The platform tells it to who made the call or was in it; to others
 * only that there is such a call. Somebody who is nobody yet is not made a guest for it: they learn it by joining.
 */
export function useDoor(callId: string, participantId: string): Door | undefined {
  const [door, setDoor] = useState<Door | undefined>(identity.peek() ? undefined : 'open');
  useEffect(() => {
    const known = identity.peek();
    if (known === undefined) return;
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = setTimeout(() => setDoor((d) => d ?? 'open'), callLimits.doorFirstMs);
    const look = async () => {
      const next = await askDoor(callId, known.userId, participantId);
      if (!current) return;
      clearTimeout(patience);
      setDoor(next ?? 'open');
      if (next !== undefined && !isFinal(next)) timer = setTimeout(() => void look(), callLimits.doorMs);
    };
    void look();
    return () => {
      current = false;
      clearTimeout(patience);
      clearTimeout(timer);
    };
  }, [callId, participantId]);
  return door;
}

/** Undefined where asking again is of no use: the state is not for us. */
async function askDoor(callId: string, userId: string, participantId: string): Promise<Door | undefined> {
  try {
    return doorOf((await platform().getCall(callId)).state, userId, participantId);
  } catch (error) {
    const { code } = error as RingbackError;
    if (code === 'call_unknown' || code === 'call_ended') return code;
    return code === 'not_permitted' ? undefined : 'open';
  }
}

/** It will not change by waiting. */
export function isFinal(door: Door): door is 'call_ended' | 'call_unknown' | 'removed' {
  return door === 'call_ended' || door === 'call_unknown' || door === 'removed';
}
