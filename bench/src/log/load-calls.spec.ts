import { commandSchema, type Command } from '@ringback/schemas';
import { evolve, initialState, toEvents, decide } from '@ringback/domain';
import { expect, it } from 'vitest';
import { CommandIds, makeCall, nextAction } from './load-calls.ts';

it('what the load asks is valid, and each of it changes something', () => {
  const { call, commands } = makeCall(3, 2, 'load/1');
  const ids = new CommandIds();
  const actions = Array.from({ length: 5 }, () => JSON.parse(nextAction(call, ids.next())) as Command);
  let state = initialState;
  for (const command of [...commands, ...actions]) {
    expect(commandSchema.parse(command)).toEqual(command);
    const decision = decide(state, command, 0);
    if (decision.kind !== 'accepted') throw new Error(`${command.type} was not accepted`);
    const seq = state.view?.seq ?? 0;
    const [event, ...more] = toEvents(command, decision.events, { seq, now: 0, codeVersion: 'test' });
    expect(more).toEqual([]);
    state = evolve(state, event!);
  }
  expect(new Set(actions.map(({ id }) => id)).size).toBe(5);
  expect(actions.map(({ type }) => type)).toEqual([
    'call.mute',
    'call.mute',
    'call.unmute',
    'call.unmute',
    'call.mute',
  ]);
});
