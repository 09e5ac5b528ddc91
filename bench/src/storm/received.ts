/** What one person got of their call's events: each is due once, in order. */
export class Received {
  /** The last event that they have. */
  seq = 0;
  /** Events that did not come, or that a snapshot stands in for. */
  missed = 0;
  /** Events that came though they were there. */
  twice = 0;
  #begun = false;

  snapshot(seq: number): void {
    if (this.#begun) this.missed += Math.max(0, seq - this.seq);
    this.#begun = true;
    this.seq = Math.max(this.seq, seq);
  }

  /** @param after the event before it that is for them, as the gateway says */
  event(seq: number, after: number): void {
    if (seq <= this.seq) {
      this.twice += 1;
      return;
    }
    this.missed += Math.max(0, after - this.seq);
    this.seq = seq;
  }

  /** Everything up to there has happened, and nothing more comes. */
  end(head: number): void {
    this.missed += Math.max(0, head - this.seq);
  }
}
