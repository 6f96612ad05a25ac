/**
 * What a pasted, dropped or typed text names: the picture that a data: address holds, an address of the network, or
 * neither.
 */
export function namedPicture(text: string): { picture: File } | { address: string } | undefined {
  const address = text.trim().split(/\s/)[0] ?? '';
  const inline = /^data:(image\/[\w.+-]+);base64,([\w+/=]+)$/.exec(address);
  if (inline)
    return {
      picture: new File([Uint8Array.from(atob(inline[2]!), (c) => c.charCodeAt(0))], 'pasted picture', {
        type: inline[1],
      }),
    };
  return /^https?:\/\//i.test(address) ? { address } : undefined;
}
