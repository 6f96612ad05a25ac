import * as z from 'zod';

/** An origin as browsers send it (`https://captions.example`): scheme, name, port where it is not the scheme's own. */
export const publicOrigin = z
  .string()
  .transform((text) => text.trim().replace(/\/$/, ''))
  .refine(
    (text) => originOf(text) !== undefined,
    'expected http:// or https:// with a name and perhaps a port, and no path, e.g. https://captions.example',
  )
  .transform((text) => originOf(text)!);

function originOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, href } = new URL(text);
  return /^https?:$/.test(protocol) && href === `${origin}/` && !/[?#*]/.test(text) ? origin : undefined;
}
