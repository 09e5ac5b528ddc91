import { timeOfMs, type CallView, type Command, type CommandOf } from '@ringback/schemas';
import type { GatewayList } from './gateway-list.ts';

type OwnType = 'call.deadline' | 'call.disconnect' | 'call.route';
type Asked<T extends OwnType> = Pick<CommandOf<T>, 'type' | 'data' | 'participantId' | 'sessionId'>;

/**
 * A command of the owner itself. The id is derived, so that the next owner's is the same.
 *
 * @param name one thing that is asked at this point of the call.
 * @param now milliseconds since 1970.
 */
export function ownCommand<T extends OwnType>(
  view: CallView,
  name: string,
  asked: { [K in T]: Asked<K> }[T],
  now: number,
): Command {
  const id = `${view.callId}/${view.seq}/${name}`;
  return {
    id,
    callId: view.callId,
    tenantId: view.tenantId,
    actor: { kind: 'system', name: 'calls' },
    receivedTime: timeOfMs(now),
    correlationId: id,
    ...asked,
  } as Command;
}

/**
 * Those whose gateway is gone can not say so themselves.
 *
 * @param elapsed monotonic milliseconds.
 */
export function disconnectsFor(
  view: CallView,
  gateways: GatewayList,
  elapsed: number,
  now: number,
): Command[] {
  const commands: Command[] = [];
  if (view.status === 'ended') return commands;
  // Of every live call, four times a second: nothing is made but what is needed.
  for (const key in view.participants) {
    const { participantId, sessionId, presence, gateway } = view.participants[key]!;
    if (presence !== 'connected' || gateways.isAlive(gateway, elapsed)) continue;
    const data = { reason: 'gateway-lost' } as const;
    const asked = { type: 'call.disconnect', participantId, sessionId, data } as const;
    commands.push(ownCommand(view, `gateway-lost/${sessionId}`, asked, now));
  }
  return commands;
}
