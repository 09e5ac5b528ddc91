import { setImmediate as nextTick } from 'node:timers/promises';
import type { Bus } from '@ringback/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  LossyBus,
  memoryStage,
  MortalWorker,
  startEdge,
  type RunningEdge,
  type Stage,
} from '../support/stage.ts';
import { waitFor } from '../support/wait-for.ts';
import { post } from '../support/ws-client.ts';

/** Holds back what owners say and answer to a gateway, until it is let go. */
class HeldBus implements Bus {
  readonly #bus: Bus;
  #held: (() => void)[] | undefined;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  hold(): void {
    this.#held = [];
  }

  get isHolding(): boolean {
    return (this.#held ?? []).length > 0;
  }

  letGo(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const tell of held) tell();
  }

  publish(subject: string, message: unknown): void {
    this.#bus.publish(subject, message);
  }

  subscribe: Bus['subscribe'] = (subject, handler) =>
    this.#bus.subscribe(subject, (message, on, reply) => {
      const tell = () => handler(message, on, reply);
      if (this.#held !== undefined && on.startsWith('feed.')) this.#held.push(tell);
      else tell();
    });
  request: Bus['request'] = async (subject, message, timeoutMs) => {
    const answer = await this.#bus.request(subject, message, timeoutMs);
    if (this.#held !== undefined) await new Promise<void>((resolve) => this.#held!.push(resolve));
    return answer;
  };
}

describe('a gateway that stops while somebody asks over HTTP', () => {
  let stage: Stage;
  let worker: MortalWorker;
  let edge: RunningEdge;
  let lossy: LossyBus;
  let held: HeldBus;
  let token: string;

  beforeEach(async () => {
    stage = await memoryStage();
    lossy = new LossyBus(await stage.newBus());
    held = new HeldBus(lossy);
    worker = await MortalWorker.start(stage);
    edge = await startEdge(stage, 'edge-1', held);
    await waitFor(async () => (await fetch(`${edge.url}/readyz`)).status === 200, 'an owner');
    ({ token } = await post<{ token: string }>(`${edge.url}/v1/guests`, { displayName: 'A' }));
  });
  afterEach(async () => {
    await worker.stop();
    await stage.close();
  });

  const makeCall = async () => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${edge.url}/v1/calls`, { method: 'POST', headers, body: '{}' });
    return { status: response.status, body: (await response.json()) as { callId?: string; code?: string } };
  };

  it('waits for the owner, and gives its answer', async () => {
    held.hold();
    const making = makeCall();
    await waitFor(() => held.isHolding, 'the owner to have answered');
    const closing = edge.edge.close();
    await nextTick();
    held.letGo();
    expect(await making).toMatchObject({ status: 201 });
    await closing;
  });

  it('gives the answer to who reads, too', async () => {
    const { body } = await makeCall();
    held.hold();
    const headers = { authorization: `Bearer ${token}` };
    const reading = fetch(`${edge.url}/v1/calls/${body.callId}/events`, { headers });
    await waitFor(() => held.isHolding, 'the owner to have answered');
    const closing = edge.edge.close();
    // Longer than a gateway takes that waits for nobody.
    for (let turn = 0; turn < 100; turn++) await nextTick();
    held.letGo();
    expect((await reading).status).toBe(200);
    await closing;
  });

  it('does not wait for ever, and then says that it does not know', async () => {
    const lost = lossy.loseNext(/^cmd\./);
    const making = makeCall();
    await lost;
    const closing = edge.edge.close();
    expect((await making).body).toMatchObject({ code: 'unknown_outcome' });
    await closing;
  });
});
