import { StudioError } from '../../models/errors';

/** The bytes of a picture that came as text: base64, or a data: address of it. @throws option-invalid */
export function fromBase64(text: string): Uint8Array {
  const data = /^data:([^,]*),/i.exec(text);
  if (data && !/;base64$/i.test(data[1]!))
    throw new StudioError(
      'option-invalid',
      'A data: address must hold its picture in base64 (data:image/png;base64,…).',
    );
  const body = (data ? text.slice(data[0].length) : text).replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(body))
    throw new StudioError('option-invalid', 'The picture is not base64. Expected the bytes of its file in base64.');
  return Buffer.from(body, 'base64');
}
