import type { ViewAnswer } from '@ringback/schemas';
import { Failure } from './failure.ts';

type Done = Extract<ViewAnswer, { ok: true }>;
type With<Key extends PropertyKey> = Extract<Done, Record<Key, unknown>>;

/** What the views say, where it has this member. @throws Failure with their refusal */
export function resultOf<Key extends 'calls' | 'views' | 'parked' | 'events'>(
  answer: ViewAnswer,
  key: Key,
): With<Key> {
  accept(answer);
  if (key in answer) return answer as With<Key>;
  throw new Failure(
    'protocol',
    'The views worker answers something else.',
    'Run ringback of the same version as the platform.',
  );
}

/** @throws Failure where they refuse. */
export function accept(answer: ViewAnswer): void {
  if (answer.ok) return;
  const { code, message } = answer.error;
  throw new Failure(
    code,
    message,
    remedies[code] ?? 'ringback views and ringback parked list say what there is.',
  );
}

const remedies: Partial<Record<string, string>> = {
  views_unavailable:
    'Try again in a few seconds. ringback doctor and logs/views.log in RINGBACK_HOME say more.',
  call_parked:
    'It stays parked until a version of the code can fold it; ringback parked drop gives it up in this view.',
};
