import { Counter, Gauge, type Registry } from '@ringback/runtime';

/** Figures of who is where. */
export function makePeopleMetrics(registry: Registry) {
  const registers = [registry];
  const metrics = {
    /** Read where they are kept, whenever somebody asks for them. */
    read: { users: () => 0, gateways: () => 0 },
    presenceChanges: new Counter({
      name: 'ringback_presence_changes_total',
      help: 'Users whose presence here changed.',
      registers,
    }),
    userMessages: new Counter({
      name: 'ringback_user_messages_total',
      help: 'Messages of applications handed to sockets here.',
      registers,
    }),
  };
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('ringback_users', 'Users with a socket here.', () => metrics.read.users());
  gauge('ringback_edge_gateways', 'Edge gateways heard lately, this one too.', () => metrics.read.gateways());
  return metrics;
}
export type PeopleMetrics = ReturnType<typeof makePeopleMetrics>;
