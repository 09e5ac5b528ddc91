import { NoAnswer, type Bus, type Logger } from '@ringback/runtime';
import { reject, subjects, viewAnswerSchema, type ViewAnswer, type ViewQuestion } from '@ringback/schemas';
import { limits } from './limits.ts';

/** Asks the views. They are away now and then, and no call needs them: that is a refusal like any other. */
export class ViewsReader {
  readonly #bus: Bus;
  readonly #logger: Logger;

  constructor(bus: Bus, logger: Logger) {
    this.#bus = bus;
    this.#logger = logger;
  }

  async ask(question: ViewQuestion): Promise<ViewAnswer> {
    try {
      return viewAnswerSchema.parse(
        await this.#bus.request(subjects.viewQuestions, question, limits.viewsMs),
      );
    } catch (error) {
      if (!(error instanceof NoAnswer))
        this.#logger.error({ err: error }, 'an answer of the views can not be read');
      return { ok: false, error: reject('views_unavailable') };
    }
  }
}
