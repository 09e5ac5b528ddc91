import type { OwnerLink } from '@ringback/link';
import type { Clock, Ids } from '@ringback/runtime';
import { timeOfMs, type Command, type CommandData } from '@ringback/schemas';
import { limits } from './limits.ts';

/** What a Call Server may say of a call. */
export type MediaCommandType =
  | 'call.server-failed'
  | 'call.transports'
  | 'call.transport-restarted'
  | 'call.consumers'
  | 'call.producer-refused'
  | 'call.layers'
  | 'call.encodings';

export interface AboutCall {
  readonly callId: string;
  readonly tenantId: string;
  /** Of the event that this comes from; absent: from nothing but ourselves. */
  readonly correlationId?: string | undefined;
}

/** Says it to the owner of the call, in the order of the calls, until it is heard. */
export type SendCommand = <T extends MediaCommandType>(
  about: AboutCall,
  type: T,
  data: CommandData<T>,
) => void;

export function commandSender(link: Pick<OwnerLink, 'insist'>, clock: Clock, ids: Ids): SendCommand {
  return ({ callId, tenantId, correlationId }, type, data) => {
    const id = ids.uuid();
    const command = {
      id,
      type,
      callId,
      tenantId,
      actor: { kind: 'system', name: 'media' },
      receivedTime: timeOfMs(clock.now()),
      correlationId: correlationId ?? id,
      data,
    };
    void say(command as unknown as Command);
  };

  /** Where there is no room it is tried again, but not for what is soon another: without owners nothing else grows. */
  async function say(command: Command): Promise<void> {
    for (;;) {
      const outcome = await link.insist(command);
      if (outcome.ok || outcome.error.code !== 'overloaded' || command.type === 'call.layers') return;
      await new Promise<void>((resolve) => clock.after(limits.insistAgainMs, resolve));
    }
  }
}
