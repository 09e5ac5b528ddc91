import type { OwnerLink } from '@ringback/link';
import type { Clock } from '@ringback/runtime';
import type { Command } from '@ringback/schemas';
import { limits } from './limits.ts';

interface InsistPorts {
  readonly link: Pick<OwnerLink, 'insist'>;
  readonly clock: Clock;
}

/** Until there is room for it: who is gone would stand in the call for as long as this process lives. */
export async function insist({ link, clock }: InsistPorts, command: Command): Promise<void> {
  for (;;) {
    const outcome = await link.insist(command);
    if (outcome.ok || outcome.error.code !== 'overloaded') return;
    await new Promise<void>((resolve) => clock.after(limits.insistAgainMs, resolve));
  }
}
