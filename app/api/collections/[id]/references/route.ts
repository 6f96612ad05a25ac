import { StudioError } from '@/models/errors';
import { readBody } from '@/server/comparisons/receive-image';
import { studio } from '@/server/studio/singleton';
import { uploadDoor } from '@/server/studio/upload-door';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

const limit = 64 * 1024 ** 2;

/** Reference captions of an own collection, in any layout that `score` reads: `?name=FILE`, the file as the body. */
export function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return uploadDoor(request, studio, async (owner, { collections }) => {
    const name = (new URL(request.url).searchParams.get('name') ?? '').slice(0, 200) || 'references';
    const bytes = await readBody(
      request,
      limit,
      () =>
        new StudioError(
          'references-invalid',
          `${name} is larger than ${limit / 1024 ** 2} MB. Give the references of this collection alone.`,
        ),
    );
    return collections.tables.takeReferences(owner, (await params).id, name, bytes);
  });
}
