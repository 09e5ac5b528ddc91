import { randomUUID } from 'node:crypto';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  callEventSchema,
  streams,
  subjects,
  partitionOf,
  type CommitBody,
  type Readiness,
} from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningPlatform } from '../support/running-platform.ts';
import { waitFor } from '../support/wait-for.ts';
import { joinAs, post, WsClient } from '../support/ws-client.ts';

/** What somebody sees who runs the platform, or looks into it with tools that are not ours. */
describe('for operators and outsiders', () => {
  let platform: RunningPlatform;
  let token: string;

  beforeAll(async () => {
    platform = await RunningPlatform.start();
    ({ token } = await post<{ token: string }>(`${platform.url}/v1/guests`, { displayName: 'A' }));
  });
  afterAll(() => platform?.stop());

  const newCall = async () =>
    (await post<{ callId: string }>(`${platform.url}/v1/calls`, { name: 'Stand-up' }, token)).callId;
  const readiness = async () => {
    const response = await fetch(`${platform.url}/readyz`);
    return { status: response.status, ...((await response.json()) as Readiness) };
  };

  describe('a plain NATS client with the viewer’s password', () => {
    let nc: NatsConnection;
    beforeAll(async () => {
      const pass = platform.secret((s) => s.nats.viewer!);
      nc = await connect({ servers: platform.run.natsUrl, user: 'viewer', pass });
    });
    afterAll(() => nc?.close());

    it('reads a call live on call.<id>.>, as JSON CloudEvents', async () => {
      const callId = await newCall();
      const seen: { subject: string; event: unknown }[] = [];
      nc.subscribe(subjects.tapOf(callId), {
        callback: (_, m) => void seen.push({ subject: m.subject, event: m.json() }),
      });
      await nc.flush();
      const client = await WsClient.open(platform.url, token);
      await client.ask(joinAs(callId, randomUUID(), 'A'));
      await client.ask({ type: 'call.end', callId, data: {} });
      await waitFor(() => seen.length === 3, 'three live events');
      expect(seen.map((s) => s.subject)).toEqual(
        ['participant.joined', 'participant.left', 'ended'].map((t) => `call.${callId}.${t}`),
      );
      for (const { event } of seen) expect(callEventSchema.safeParse(event).error).toBeUndefined();
      client.close();
    });

    it('reads the commits in the stream, as JSON with headers that say what is inside', async () => {
      const callId = await newCall();
      const consumer = await jetstream(nc).consumers.get(streams.events(partitionOf(callId)), {
        deliver_policy: DeliverPolicy.All,
      });
      const messages = await consumer.consume();
      for await (const message of messages) {
        const commit = message.json<CommitBody>();
        expect(message.headers?.get('Ringback-Kind')).toBe(commit.kind);
        expect(message.headers?.get('Ringback-Events')).toBe(String(commit.events.length));
        if (!commit.events.some((e) => e.subject === callId)) continue;
        expect(commit.events[0]).toMatchObject({
          type: 'call.created',
          tenantid: 'default',
          data: { name: 'Stand-up' },
        });
        break;
      }
      await messages.close();
    });

    it('may write nothing: not a fact, not a command', async () => {
      const refusals: string[] = [];
      void (async () => {
        for await (const status of nc.status())
          if (status.type === 'error') refusals.push(String(status.error));
      })();
      nc.publish(subjects.events(0), '{}');
      nc.publish(subjects.commands(0), '{}');
      await waitFor(() => refusals.length === 2, 'both to be refused');
    });
  });

  it('/readyz names each part and its state', async () => {
    const { status, ready, parts } = await readiness();
    expect(status).toBe(200);
    expect(ready).toBe(true);
    expect(Object.keys(parts).sort()).toEqual(['callServer', 'calls', 'gateways', 'log', 'turn', 'web']);
    for (const part of Object.values(parts)) expect(part.detail).not.toBe('');
    expect(parts.web).toMatchObject({ ready: true });
  });

  it('/metrics is Prometheus text', async () => {
    const response = await fetch(`${platform.url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).toMatch(/^# HELP ringback_sockets /m);
    expect(text).toMatch(/^# TYPE ringback_command_seconds histogram$/m);
    for (const line of text.split('\n'))
      if (line !== '') expect(line).toMatch(/^(#|[a-z_:][\w:]*(\{[^}]*\})? \S+)/i);
  });

  it('documents are served: OpenAPI, AsyncAPI, a page for people', async () => {
    const json = async (path: string) =>
      (await fetch(`${platform.url}${path}`)).json() as Promise<Record<string, unknown>>;
    expect(await json('/openapi.json')).toMatchObject({ openapi: expect.stringMatching(/^3\.1/) });
    expect(await json('/asyncapi.json')).toMatchObject({ asyncapi: expect.stringMatching(/^3\./) });
    const page = await fetch(`${platform.url}/docs`);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('while nats-server stands still: /healthz is up, /readyz says what is missing; then all is well again', async () => {
    const pid = platform.run.processes['nats-server']!;
    process.kill(pid, 'SIGSTOP');
    try {
      const down = await waitFor(async () => {
        const now = await readiness();
        return !now.ready && now;
      }, 'the platform to notice');
      expect(down.status).toBe(503);
      expect(down.parts.calls!.ready && down.parts.log!.ready).toBe(false);
      expect((await fetch(`${platform.url}/healthz`)).status).toBe(200);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await waitFor(async () => (await readiness()).ready, 'the platform to be ready again', 40_000);
    expect((await newCall()).length).toBeGreaterThan(10);
  });

  it('`ringback calls` lists what there is, and `doctor` finds nothing broken', async () => {
    const callId = await newCall();
    await waitFor(async () => {
      const { code, stdout } = await platform.ringback('calls', '--json');
      return code === 0 && (JSON.parse(stdout) as { callId: string }[]).some((c) => c.callId === callId);
    }, 'the call in the list');
    // Asked once: nothing is broken any more where /readyz said so before.
    const doctor = await platform.ringback('doctor');
    expect(doctor.code, doctor.stdout + doctor.stderr).toBe(0);
    expect(doctor.stdout).toContain('nats-server');
    expect(doctor.stdout).toContain('--user viewer');
  });

  it('a second start in the same home says that one is running, and where', async () => {
    const second = RunningPlatform.start({ RINGBACK_HOME: platform.home });
    await expect(second).rejects.toThrow(platform.url);
  });
});
