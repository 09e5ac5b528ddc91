/** `process_cpu_seconds_total` of the Prometheus client library for Go. */
const cpuSeconds = /^process_cpu_seconds_total (\S+)$/m;

/**
 * A Centrifugo server that somebody started: anonymous clients, its HTTP API without a key, and its metrics have to be
 * on (`client.insecure`, `http_api.insecure`, `prometheus.enabled`).
 */
export class Centrifugo {
  readonly #url: string;
  #fault: unknown;

  constructor(url: string) {
    this.#url = url;
  }

  /** In one request; its answer is not waited for. @param messages channel and JSON of each. */
  publish(messages: readonly (readonly [channel: string, json: string])[]): void {
    const commands = messages.map(
      ([channel, json]) => `{"publish":{"channel":${JSON.stringify(channel)},"data":${json}}}`,
    );
    const body = `{"commands":[${commands.join(',')}],"parallel":false}`;
    const headers = { 'content-type': 'application/json' };
    void fetch(new URL('/api/batch', this.#url), { method: 'POST', headers, body })
      .then(async (response) => {
        const text = await response.text();
        if (!response.ok || text.includes('"error"'))
          throw new Error(`/api/batch: ${response.status} ${text.slice(0, 200)}`);
      })
      .catch((error: unknown) => (this.#fault ??= error));
  }

  /** Its user and system time so far. Milliseconds. @throws Error where it does not say, or a publish failed. */
  async cpuMs(): Promise<number> {
    if (this.#fault !== undefined) throw new Error('Centrifugo did not publish', { cause: this.#fault });
    const metrics = await (await fetch(new URL('/metrics', this.#url))).text();
    const seconds = cpuSeconds.exec(metrics)?.[1];
    if (seconds === undefined)
      throw new Error(`${this.#url}/metrics says nothing of its CPU time: switch prometheus.enabled on`);
    return Number(seconds) * 1_000;
  }
}
