import { StudioError } from '../errors';
import type { ManifestFile } from '../manifest';

/** SHA-256 in hexadecimal, by WebCrypto: the same in Node and in a browser. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Checks size and SHA-256 against the manifest. @throws weights-corrupt, naming the file and how to mend it. */
export async function verify(bytes: Uint8Array, expected: ManifestFile, family: string): Promise<void> {
  verifyHash(bytes.byteLength, bytes.byteLength === expected.bytes ? await sha256(bytes) : '', expected, family);
}

/** The same for a file whose hash was taken elsewhere. @throws weights-corrupt */
export function verifyHash(bytes: number, actual: string, expected: ManifestFile, family: string): void {
  const mend =
    family === 'pocket'
      ? `Restore it with \`git checkout -- models/${family}/${expected.path}\`, or fetch the family again.`
      : `Remove the family ${family} and pull or import it again.`;
  if (bytes !== expected.bytes)
    throw new StudioError(
      'weights-corrupt',
      `Weight file ${family}/${expected.path} has ${bytes} bytes, expected ${expected.bytes}. ${mend}`,
      { details: { file: expected.path } },
    );
  if (actual !== expected.sha256)
    throw new StudioError(
      'weights-corrupt',
      `Weight file ${family}/${expected.path} has SHA-256 ${actual.slice(0, 12)}…, expected ${expected.sha256.slice(0, 12)}…: it is damaged. ${mend}`,
      {
        details: { file: expected.path, actual, expected: expected.sha256 },
      },
    );
}
