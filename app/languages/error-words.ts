import type { ErrorCode } from '@/models/errors';
import { msg } from './msg';

/**
 * What an error means and what to do, by its code: said in other languages than English before the error's own English
 * words.
 */
export const errorWords: Readonly<Record<ErrorCode, string>> = {
  'image-unreadable': msg('The picture cannot be read. Give a JPEG, PNG, WebP, GIF or AVIF file that is whole.'),
  'image-too-large': msg('The picture is too large. Give a smaller one.'),
  'embedding-invalid': msg(
    'The embedding cannot be used. Check its file: numbers alone, as many as the space has dimensions.',
  ),
  'embedding-mismatch': msg('The embedding does not fit: it is of another space or kind than this needs.'),
  'option-invalid': msg('An option has a value that it cannot take. Change it, then run again.'),
  'decoder-unknown': msg('There is no such decoder here.'),
  'family-unknown': msg('There is no such family here. Look under Models.'),
  'needs-image': msg('This decoder needs the photo itself; an embedding alone is not enough.'),
  'weights-missing': msg('Weights are missing. Pull or import the family again.'),
  'weights-corrupt': msg('Weights are damaged. Remove the family and pull or import it again.'),
  'weights-invalid': msg('These weights are not what was expected.'),
  'device-unavailable': msg('This device cannot be used. Choose another one for the lane.'),
  'device-failed': msg('The device failed. Run it again, or choose another device.'),
  'device-lost': msg('The GPU was taken away. Run it again, or choose another device.'),
  'device-wrong': msg('The device computes wrongly. Choose another one.'),
  'storage-full': msg('There is no room left. Delete something, then try again.'),
  'storage-unavailable': msg('Nothing can be kept now: the place where the studio keeps things fails.'),
  'hub-unreachable': msg('The hub does not answer. Check the network, then try again.'),
  'hub-refused': msg('The hub refused. It may need your token, or that you accept the licence there.'),
  'hub-missing': msg('The hub does not have this.'),
  'family-exists': msg('There is a family of this name already. Choose another name.'),
  'family-needed': msg('The family is in use and cannot be removed now.'),
  busy: msg('Too much is waiting already. Try again in a while.'),
  cancelled: msg('Cancelled.'),
  interrupted: msg('Interrupted before it was done.'),
  'references-invalid': msg('The reference captions cannot be used.'),
  'not-found': msg('There is no such thing here (any more).'),
  forbidden: msg('This is not allowed here.'),
  'key-invalid': msg('A program’s key is missing, unknown or revoked.'),
  'file-unreadable': msg('The file cannot be read.'),
  'import-invalid': msg('The file cannot be imported. Give one that was exported here as JSON, as it was exported.'),
  internal: msg('Something went wrong that should not. Try again.'),
};
