import type { Prisma } from '../../prisma/generated/client';
import { type PersonCaption, withoutSaid, withSaid } from '../../kept/person-captions';
import type { Say, TakeBack } from '../../kept/requests';
import { StudioError } from '../../models/errors';
import type { TextScore } from '../../models/spaces/score-text';
import type { Database } from '../db/open';
import { notYours } from './changes';

const most = 50;

/** How well a text fits the input of a comparison; undefined where that cannot be told. */
export type Scorer = (comparison: string, text: string) => Promise<TextScore | undefined>;

/**
 * Keeps what an owner says of a photo, in place of the caption of the same id where there is one, with its cosine where
 * that is known or can be found (`scorer`). @throws not-found, option-invalid for too many
 */
export async function say(
  db: Database,
  ownerId: string,
  { id, caption }: Say,
  { now = new Date(), scorer }: { now?: Date; scorer?: Scorer } = {},
): Promise<void> {
  // Who does not own it learns nothing, and makes nobody work.
  if ((await db.comparison.count({ where: { id, ownerId, deletedAt: null } })) === 0) throw notYours();
  const score = caption.score ?? (await scorer?.(id, caption.text).catch(() => undefined));
  await change(db, ownerId, id, (all) => {
    const after = withSaid(all, { ...caption, ...(score ? { score } : {}), at: now.toISOString(), by: ownerId });
    if (after.length > most)
      throw new StudioError(
        'option-invalid',
        `A photo has at most ${most} captions of yours. Take one back before you add another.`,
      );
    return after;
  });
}

/** Takes away what an owner said. @throws not-found */
export async function takeBack(db: Database, ownerId: string, { id, caption }: TakeBack): Promise<void> {
  await change(db, ownerId, id, (all) => withoutSaid(all, caption));
}

/** Read and written as one, so that what two tabs say at once is both kept. */
async function change(
  db: Database,
  ownerId: string,
  id: string,
  after: (said: readonly PersonCaption[]) => PersonCaption[],
): Promise<void> {
  await db.$transaction(async (tx) => {
    const where = { id, ownerId, deletedAt: null };
    const row = await tx.comparison.findFirst({ where, select: { personCaptions: true } });
    if (!row) throw notYours();
    const said = after((row.personCaptions ?? []) as PersonCaption[]);
    await tx.comparison.update({ where: { id }, data: { personCaptions: said as Prisma.InputJsonValue } });
  });
}
