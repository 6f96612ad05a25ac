import * as z from 'zod';
import { id } from '../../../kept/fields';
import { newProgramKey, type ProgramGuide, type ProgramKeyCard } from '../../../kept/programs';
import { isOpenToOthers } from '../../env/listen';
import { env } from '../../env/env';
import { createProgramKey, listProgramKeys, revokeProgramKey } from '../../owners/program-keys';
import { openApiDocument } from '../../programs/openapi';
import { procedure, router } from '../init';

/** What other programs can ask, and the keys by which they ask for the asker. */
export const programsRouter = router({
  guide: procedure.query((): ProgramGuide => {
    const settings = env();
    return {
      document: openApiDocument(settings.STUDIO_ORIGIN ?? '/') as ProgramGuide['document'],
      keyNeeded: isOpenToOthers(settings),
      origins: settings.STUDIO_API_ORIGINS,
    };
  }),
  keys: procedure.query(async ({ ctx }): Promise<ProgramKeyCard[]> =>
    listProgramKeys((await ctx.studio()).database, ctx.owner),
  ),
  /** Tells a new key, this once. A mutation, so that no cache and no log of addresses ever holds it. */
  createKey: procedure
    .input(newProgramKey)
    .mutation(async ({ input, ctx }): Promise<{ id: string; key: string }> =>
      createProgramKey((await ctx.studio()).database, ctx.owner, input),
    ),
  revokeKey: procedure
    .input(z.strictObject({ id }))
    .mutation(async ({ input, ctx }): Promise<void> =>
      revokeProgramKey((await ctx.studio()).database, ctx.owner, input.id),
    ),
});
