import { StudioError } from '../../models/errors';
import { readBody, receiveBytes } from '../comparisons/receive-image';
import { whatDoesNotFit } from '../env/zod-words';
import { imageLimits } from '../media/decode-image';
import type { Studio } from '../studio/studio';
import type { Operation } from './operation';

/** A form's other parts may take a little more than its picture. */
const formRoom = 1024 * 1024;

/** What a body held: its JSON, checked, and the picture that came with it, kept. */
export type ReadBody = { body: unknown; picture: string | undefined };

/**
 * Reads the body of a request: JSON, a form (`image`: the file, `request`: the rest as JSON), or the picture's own
 * bytes.
 * @throws option-invalid (not JSON, or not what the schema has), image-too-large, image-unreadable, busy
 */
export async function readRequest(
  { body: schema, form, limit }: Operation,
  request: Request,
  { images }: Studio,
  owner: string,
): Promise<ReadBody> {
  if (!schema) return { body: undefined, picture: undefined };
  const type = (request.headers.get('content-type') ?? '').toLowerCase();
  const keep = async (bytes: Uint8Array) => (await receiveBytes(bytes, images, owner, request.signal)).id;
  let picture: string | undefined;
  let given: unknown = {};
  if (form && type.startsWith('multipart/form-data')) {
    const fields = await formOf(await readBody(request, imageLimits.bytes + formRoom), request);
    const file = fields.get('image');
    if (file === null || typeof file === 'string')
      throw new StudioError('option-invalid', 'The form has no file called image. Expected one: a photo.');
    const rest = fields.get('request');
    if (typeof rest === 'string') given = jsonOf(rest, 'the field request of the form');
    picture = await keep(new Uint8Array(await file.arrayBuffer()));
  } else if (form && /^(image\/|application\/octet-stream)/.test(type)) {
    picture = await keep(await readBody(request, imageLimits.bytes));
  } else given = jsonOf(new TextDecoder().decode(await readBody(request, limit, () => tooLong(limit))), 'the body');
  if (picture !== undefined && given && typeof given === 'object') given = { ...given, image: { id: picture } };
  const parsed = schema.safeParse(given);
  if (parsed.success) return { body: parsed.data, picture };
  if (picture !== undefined) await images.forget(picture, owner);
  throw new StudioError('option-invalid', `The request cannot be taken. ${whatDoesNotFit(parsed.error)}`);
}

async function formOf(body: Uint8Array<ArrayBuffer>, request: Request): Promise<FormData> {
  const type = request.headers.get('content-type') ?? '';
  return new Response(body, { headers: { 'content-type': type } }).formData().catch((cause: unknown) => {
    throw new StudioError('option-invalid', 'The form cannot be read. Expected a whole multipart/form-data body.', {
      cause,
    });
  });
}

function jsonOf(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { message } = cause as SyntaxError;
    const at = /position (\d+)/.exec(message)?.[1];
    throw new StudioError(
      'option-invalid',
      `${what[0]!.toUpperCase()}${what.slice(1)} is not JSON${at ? ` (wrong at character ${at})` : ''}. Expected an object, with content-type: application/json.`,
      { cause },
    );
  }
}

const tooLong = (limit: number) =>
  new StudioError(
    'image-too-large',
    `The body is longer than ${Math.round(limit / 1024 ** 2)} MB. Send a large photo as a form or as the body itself, or a smaller one: 2000 pixels on the longer side is plenty.`,
    { details: { limitBytes: limit } },
  );
