import { StudioError } from '@/models/errors';

/**
 * What a pasted or dropped address gives: the picture that a data: address holds, undefined for text that is no address. An address of the
 * network is refused: neither the studio's server nor its page asks other servers for anything (docs/safety.md).
 * @throws image-unreadable
 */
export function pictureOfAddress(text: string): File | undefined {
  const address = text.trim().split(/\s/)[0] ?? '';
  const inline = /^data:(image\/[\w.+-]+);base64,([\w+/=]+)$/.exec(address);
  if (inline) return new File([Uint8Array.from(atob(inline[2]!), (c) => c.charCodeAt(0))], 'pasted picture', { type: inline[1] });
  if (!/^https?:\/\//i.test(address)) return undefined;
  const where = URL.canParse(address) ? new URL(address).host : 'the address';
  throw new StudioError('image-unreadable', `The studio asks no other server for pictures, so it does not open ${where}. Open the address in a tab, copy the picture itself (right click, Copy image) and paste it here; or save it and drop the file.`);
}
