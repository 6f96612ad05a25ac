import type { PersonCaption } from '@/kept/person-captions';
import { captionOf, type Snapshot } from './snapshot';

export type Saying = Omit<PersonCaption, 'at' | 'by'>;

/** What a person says of the photo, wherever it is kept. */
export abstract class PersonSays {
  abstract readonly snapshot: () => Snapshot;
  /** Keeps it, in place of the caption of the same id where there is one. @throws Error, in words */
  abstract say(caption: Saying): Promise<void>;

  async accept(lane: string): Promise<void> {
    await this.say({ id: crypto.randomUUID(), text: captionOf(this.snapshot(), lane), lane, own: false });
  }

  async edit(text: string, { id = crypto.randomUUID(), lane }: { id?: string; lane?: string } = {}): Promise<void> {
    await this.say({ id, text: text.trim(), ...(lane === undefined ? {} : { lane }), own: true });
  }
}
