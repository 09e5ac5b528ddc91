import { listen, type Bus } from '@ringback/runtime';
import { busForms, subjects, type Answer, type Question } from '@ringback/schemas';
import { limits } from './limits.ts';

/**
 * Answers for a partition that is about to have an owner: says that somebody is here, so that no other worker takes it
 * for left alone, and keeps what is asked until there is one who can answer.
 */
export class StandIn {
  readonly owner: string;
  readonly #bus: Bus;
  readonly #subject: string;
  readonly #end: () => void;
  #kept: { readonly question: Question; readonly reply: (answer: unknown) => void }[] = [];

  /** @param owner the one that it stands in for. */
  constructor(partition: number, owner: string, bus: Bus) {
    this.owner = owner;
    this.#bus = bus;
    this.#subject = subjects.questions(partition);
    this.#end = listen(bus, this.#subject, busForms.question, (question, _, reply) => {
      if (question.ask === 'who') reply({ partition, epoch: 0, owner, ok: true } satisfies Answer);
      else if (this.#kept.length < limits.questionsWaitingMax) this.#kept.push({ question, reply });
    });
  }

  /** There is no owner after all. Who asked asks again. */
  leave(): void {
    this.#end();
    this.#kept = [];
  }

  /** The owner is here: it is asked what was asked meanwhile. */
  passOn(): void {
    this.#end();
    for (const { question, reply } of this.#kept.splice(0))
      this.#bus.request(this.#subject, question, limits.questionMs).then(reply, () => {});
  }
}
