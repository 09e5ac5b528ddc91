import { readFileSync } from 'node:fs';
import { canonicalJson, fold, type CallState } from '@ringback/domain';
import { play, start } from '@ringback/domain/testing';
import { stateHash } from '@ringback/eventlog';
import type { CallEvent } from '@ringback/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lives } from '../../core/domain/src/testing-lives.ts';
import { decodeInto, encodeCut } from '../../workers/calls/src/book-lines.ts';
import { CallBook } from '../../workers/calls/src/call-book.ts';
import { live } from '../support/lives.ts';

/** RINGBACK_TEST_SEED and RINGBACK_TEST_RUNS search further; fast-check prints the seed and path of a failure. */
const options = {
  seed: Number(process.env.RINGBACK_TEST_SEED ?? 20_261_122),
  numRuns: Number(process.env.RINGBACK_TEST_RUNS ?? 150),
  unbiased: true,
};

const place = { position: 1, owner: 'owner-1' };

const bookOf = (events: readonly CallEvent[], into = newBook()) => {
  for (const event of events) into.replay(event, start);
  return into;
};

const newBook = () =>
  new CallBook(({ parked }) => {
    throw parked;
  });

async function linesOf(book: CallBook): Promise<string> {
  let text = '';
  for await (const slice of encodeCut(book.cut(), place)) text += Buffer.from(slice).toString();
  return text;
}

/** Through a snapshot, as another process reads it. */
async function restored(book: CallBook): Promise<CallBook> {
  const again = newBook();
  await decodeInto(again, encodeCut(book.cut(), place));
  return again;
}

/** Its members in another order, as another language or a sorted file would give them. */
const sorted = (state: CallState) => JSON.parse(canonicalJson(state)) as CallState;

/** Snapshot + tail against the whole, at every position. */
async function expectSameFold(events: readonly CallEvent[]): Promise<void> {
  const whole = bookOf(events);
  const expected = await linesOf(whole);
  const callId = events[0]!.subject;
  expect(stateHash(whole.get(callId)!.state.view!)).toBe(stateHash(fold(events).view!));
  for (let cut = 0; cut <= events.length; cut++) {
    const base = await restored(bookOf(events.slice(0, cut)));
    const tail = bookOf(events.slice(cut), base);
    expect(await linesOf(tail), `cut behind event ${cut}`).toBe(expected);
    expect(tail.get(callId)!.deadline).toBe(whole.get(callId)!.deadline);
  }
}

describe('a snapshot and what came after it', { timeout: 60_000 }, () => {
  it('fold to the very same as everything does, wherever the cut is, for any life', async () => {
    await fc.assert(
      fc.asyncProperty(lives, async (life) => expectSameFold(live(life).flatMap(({ events }) => events))),
      options,
    );
  });

  it('fold to the very same for a recorded history', async () => {
    const lines = readFileSync(new URL('../histories/peer-to-peer-0.1.0.ndjson', import.meta.url), 'utf8');
    const facts = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as CallEvent)
      .filter((event) => 'sequence' in event);
    expect(facts.length).toBeGreaterThan(20);
    await expectSameFold(facts);
  });

  it('decide the same, in whatever order the members of a state came back', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const { before, command, now, events } of live(life))
          expect(canonicalJson(play(sorted(before), command, now).events)).toBe(canonicalJson(events));
      }),
      options,
    );
  });
});
