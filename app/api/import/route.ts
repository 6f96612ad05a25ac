import { StudioError } from '@/models/errors';
import { readBody } from '@/server/comparisons/receive-image';
import { studio } from '@/server/studio/singleton';
import { importFile, importLimitBytes } from '@/server/history/import';
import { WorkQueue } from '@/server/comparisons/queue';
import { uploadDoor } from '@/server/studio/upload-door';

const imports = new WorkQueue({ running: 2, waiting: 8 }, 'imports');

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Reads a file that was exported as JSON (the file itself is the body) into the asker's history. */
export function POST(request: Request): Promise<Response> {
  return uploadDoor(request, studio, async (owner, parts) => {
    const tooLarge = () =>
      new StudioError(
        'image-too-large',
        `The file is larger than ${importLimitBytes / 1024 ** 2} MB. Export fewer comparisons at once, or import it by the command line.`,
      );
    // Its place first: each holds its whole file in memory.
    const place = imports.enter(owner);
    try {
      await place.turn(request.signal);
      return await importFile(parts, owner, await readBody(request, importLimitBytes, tooLarge));
    } finally {
      place.leave();
    }
  });
}
