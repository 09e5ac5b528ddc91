import type { CallEvent, CommitBody } from '@ringback/schemas';
import type { StoredCommit } from '../event-log.ts';

/** A commit that is recognised by its text; what the events say is of no concern to the log. */
export function testCommit(text: string): CommitBody {
  const event = { id: text, subject: '00-00000000-0000-7000-8000-000000000000', sequence: 1 } as CallEvent;
  return { kind: 'commit', owner: 'test', events: [event] };
}

export function textOf(commit: StoredCommit): string {
  return commit.body.kind === 'claim' ? `claim ${commit.body.owner}` : commit.body.events[0]!.id;
}
