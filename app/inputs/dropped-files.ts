/**
 * The files of a drop, with those inside of folders, by path. Hidden files are left out, and so is what is inside a
 * folder but neither
 * picture nor embedding. Call it before the event is over: afterwards a browser no longer tells what was dropped.
 */
export async function droppedFiles(data: DataTransfer): Promise<File[]> {
  const plain = [...data.files];
  const entries = [...data.items].flatMap((item) => (item.kind === 'file' ? [item.webkitGetAsEntry()] : []));
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  const found: { path: string; file: File }[] = [];
  const walk = async (entry: FileSystemEntry, inside: boolean): Promise<void> => {
    if (entry.name.startsWith('.')) return;
    if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      if (!inside || isInput(file)) found.push({ path: entry.fullPath, file });
    } else if (isFolder(entry)) for (const child of await children(entry)) await walk(child, true);
  };
  for (const entry of entries) if (entry) await walk(entry, false);
  return byPath(found);
}

/** The files of a folder that was chosen: by path, without what is hidden or neither picture nor embedding. */
export function folderFiles(files: readonly File[]): File[] {
  return byPath(
    files
      .filter((file) => isInput(file) && !file.webkitRelativePath.split('/').some((part) => part.startsWith('.')))
      .map((file) => ({ path: file.webkitRelativePath, file })),
  );
}

/** Whether it is an embedding by its name; anything else is taken for a photo. */
export const namesEmbedding = (file: File): boolean => /\.(npy|json|safetensors)$/i.test(file.name);

const isInput = (file: File) =>
  file.type.startsWith('image/') || /\.(heic|heif|npy|json|safetensors)$/i.test(file.name);
const byPath = (found: { path: string; file: File }[]) =>
  found
    .sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }))
    .map(({ path, file }) =>
      // A browser tells the path of a file that was chosen with its folder, and not of one that was dropped with it.
      file.webkitRelativePath ? file : Object.assign(file, { fullPath: path }),
    );

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** A reader gives a hundred at a time. */
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}
