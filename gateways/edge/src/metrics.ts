import { Counter, Gauge, Histogram, type Registry } from '@ringback/runtime';

/** Figures that are read where they are kept, whenever somebody asks for them. */
export interface EdgeGauges {
  readonly followedCalls: () => number;
  readonly pendingCommands: () => number;
}

/** Figures of one edge gateway. */
export function makeEdgeMetrics(registry: Registry, gauges: EdgeGauges) {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  // Counted by hand: for each of a thousand frames a counter's `inc` is no small part of what a frame costs.
  const sent = { frames: 0, messages: 0 };
  gauge('ringback_followed_calls', 'Calls followed here.', gauges.followedCalls);
  gauge('ringback_commands_pending', 'Commands without an answer.', gauges.pendingCommands);
  return {
    sockets: new Gauge({ name: 'ringback_sockets', help: 'Open WebSockets.', registers }),
    messages: new Counter({
      name: 'ringback_messages_total',
      help: 'Messages from clients, by type.',
      labelNames: ['type'],
      registers,
    }),
    refusals: new Counter({
      name: 'ringback_refusals_total',
      help: 'Messages refused, by code.',
      labelNames: ['code'],
      registers,
    }),
    /** To clients, since the start. */
    sent,
    deliveries: counter('ringback_deliveries_total', 'Messages to clients.', () => sent.messages),
    frames: counter('ringback_frames_total', 'Frames to clients: one a socket and tick.', () => sent.frames),
    closes: new Counter({
      name: 'ringback_socket_closes_total',
      help: 'Sockets closed, by code.',
      labelNames: ['code'],
      registers,
    }),
    commandSeconds: new Histogram({
      name: 'ringback_command_seconds',
      help: 'Time from a command to its outcome.',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    telemetryDropped: new Counter({
      name: 'ringback_telemetry_dropped_total',
      help: 'Telemetry events lost.',
      registers,
    }),
    httpRequests: new Counter({
      name: 'ringback_http_requests_total',
      help: 'HTTP requests, by status.',
      labelNames: ['status'],
      registers,
    }),
  };
}
export type EdgeMetrics = ReturnType<typeof makeEdgeMetrics>;
