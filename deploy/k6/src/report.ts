/** What a load came to, from the summary that k6 exports. */
export interface Report {
  readonly held: boolean;
  /** Per metric k6's figures: `med`, `p(95)` … of times in milliseconds, `count` and `rate` (a second) of counters. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly thresholds: readonly { readonly metric: string; readonly rule: string; readonly held: boolean }[];
  readonly checks: readonly { readonly name: string; readonly passed: number; readonly failed: number }[];
}

interface K6Summary {
  readonly root_group: { readonly checks: Record<string, { passes: number; fails: number }> };
  readonly metrics: Record<string, Record<string, number | Record<string, boolean>>>;
}

/** @param text the file of k6's `--summary-export`, where `true` at a threshold means that it was crossed */
export function readSummary(text: string): Report {
  const { root_group, metrics } = JSON.parse(text) as K6Summary;
  // k6 exports them in any order.
  const sorted = Object.entries(metrics).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const thresholds = sorted.flatMap(([metric, { thresholds: rules }]) =>
    Object.entries(typeof rules === 'object' ? rules : {}).map(([rule, crossed]) => ({
      metric,
      rule,
      held: !crossed,
    })),
  );
  const figures = sorted.map(([metric, values]) => [
    metric,
    Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'number')),
  ]);
  return {
    held: thresholds.length > 0 && thresholds.every(({ held }) => held),
    metrics: Object.fromEntries(figures) as Report['metrics'],
    thresholds,
    checks: Object.entries(root_group.checks).map(([name, { passes, fails }]) => ({
      name,
      passed: passes,
      failed: fails,
    })),
  };
}

/** What people want to know first, in the order it happens. */
const times = [
  ['join', 'ringback_join_ms'],
  ['action to reply', 'ringback_reply_ms'],
  ['action to the others', 'ringback_delivery_ms'],
  ['return to caught up', 'ringback_return_ms'],
  ['HTTP request', 'http_req_duration'],
  ['  createCall', 'http_req_duration{name:createCall}'],
  ['  getEvents', 'http_req_duration{name:getEvents}'],
  ['  listCalls', 'http_req_duration{name:listCalls}'],
] as const;
const counts = [
  ['sockets', 'ws_sessions'],
  ['deliveries', 'ringback_deliveries'],
  ['HTTP requests', 'http_reqs'],
] as const;

/** A table for people. */
export function reportText({ metrics, thresholds, checks }: Report): string {
  const stats = ['med', 'p(95)', 'p(99)', 'max'];
  const rows = times
    .filter(([, metric]) => metrics[metric] !== undefined)
    .map(([name, metric]) => [name, ...stats.map((stat) => rounded(metrics[metric]![stat]))]);
  const lines = [
    ...columns([['milliseconds', ...stats], ...rows]),
    '',
    ...columns([
      ['', 'count', 'a second'],
      ...counts.map(([name, metric]) => [
        name,
        rounded(metrics[metric]?.['count'] ?? 0),
        rounded(metrics[metric]?.['rate'] ?? 0),
      ]),
    ]),
    '',
    ...thresholds.map(({ metric, rule, held }) => `${held ? 'held    ' : 'CROSSED '} ${metric} ${rule}`),
    ...checks
      .filter(({ failed }) => failed > 0)
      .map(({ name, passed, failed }) => `FAILED   ${failed} of ${passed + failed}: ${name}`),
  ];
  return lines.join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
  return rows.map((row) =>
    row.map((text, n) => (n === 0 ? text.padEnd(widths[n]!) : text.padStart(widths[n]!))).join('  '),
  );
}

/** Three digits that count: no figure here is better than that. */
function rounded(value: number | undefined): string {
  if (value === undefined) return '-';
  return (value >= 1_000 ? Math.round(value) : Number(value.toPrecision(3))).toLocaleString('en-US');
}
