import { captionRecord, type Gathered } from './lane-output';
import type { Io } from './io';
import { DocumentFile } from '../files/document';
import { LinesFile } from '../files/lines';

/** Where captions go while a set is captioned. */
export type CaptionsFile = {
  /** Keeps what was said of a photo. @throws storage-full, file-unreadable */
  add(image: string, said: Gathered): Promise<void>;
  close(): Promise<void>;
};

/** For `--help`. */
export const captionsFileHelp = `  --captions FILE    also writes the captions, as they come: FILE.jsonl a line a photo as \`caption --json\` prints it, any other name
                     {"decoder": {"image": "caption"}}`;

/** Opens it before the work begins. @throws option-invalid */
export async function openCaptionsFile(io: Io, name: string): Promise<CaptionsFile> {
  return /\.jsonl$/i.test(name)
    ? asLines(await LinesFile.open(io, name))
    : asDocument(await DocumentFile.open(io, name));
}

function asLines(file: LinesFile): CaptionsFile {
  let first = true;
  return {
    async add(image, said) {
      await file.append(captionRecord(image, said, { reason: first }));
      first = false;
    },
    close: () => file.close(),
  };
}

/** The document is written anew with all there is, at most a twentieth of the time, and at the end. */
function asDocument(file: DocumentFile): CaptionsFile {
  const captions: Record<string, Record<string, string>> = {};
  let [wait, written, pending] = [0, -Infinity, true];
  const write = async () => {
    const start = performance.now();
    await file.replace([`${JSON.stringify(captions, null, 1)}\n`]);
    written = performance.now();
    wait = 20 * (written - start);
    pending = false;
  };
  return {
    async add(image, { lanes }) {
      for (const { id, result } of lanes) if (result) (captions[id] ??= {})[image] = result.caption;
      pending = true;
      if (file.replaceable && performance.now() - written >= wait) await write();
    },
    async close() {
      try {
        if (pending && Object.keys(captions).length) await write();
      } finally {
        await file.close();
      }
    },
  };
}
