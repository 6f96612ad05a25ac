import { id } from '@/kept/fields';
import { StudioError } from '@/models/errors';
import { receivePhotos } from '@/server/studio/receive-photos';
import { studio } from '@/server/studio/singleton';
import { uploadDoor } from '@/server/studio/upload-door';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Photos of a collection that a page sends (`collection.send` began it), some at a time. */
export function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return uploadDoor(request, studio, async (owner, { collections }) => {
    const named = id.safeParse((await params).id);
    if (!named.success) throw new StudioError('not-found', 'There is no such upload.');
    return receivePhotos(request, collections.uploads, owner, named.data);
  });
}
