import * as z from 'zod';
import { StudioError } from '../../../models/errors';
import { replayReport } from '../../../kept/replay';
import { replayRequest } from '../../history/replay';
import { procedure, router } from '../init';
import type { CreatedComparison } from '../../../kept/answers';
import type { ReplayReport } from '../../../kept/comparison';
import { id } from '../../../kept/fields';

/** Running a comparison again with the same settings. */
export const replayRouter = router({
  /** Makes a new comparison of the old one's input and lanes; follow it as any other, then ask for the report. */
  start: procedure.input(z.strictObject({ id })).mutation(async ({ input, ctx }): Promise<CreatedComparison> => {
    const comparisons = await ctx.comparisons();
    return comparisons.create(replayRequest(await comparisons.get(input.id)), { replayOf: input.id });
  }),
  /** `id`: of the replay. */
  report: procedure.input(z.strictObject({ id })).query(async ({ input, ctx }): Promise<ReplayReport> => {
    const comparisons = await ctx.comparisons();
    const again = await comparisons.get(input.id);
    if (!again.replayOf) throw new StudioError('option-invalid', 'This comparison repeats no other.');
    if (again.status === 'queued' || again.status === 'running')
      throw new StudioError('busy', 'The replay still runs.');
    return replayReport(await comparisons.get(again.replayOf), again);
  }),
});
