/**
 * The files of a drop, with those inside of folders, by path. Hidden files are left out, and so is what is inside a folder but neither
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
      if (!inside || file.type.startsWith('image/') || /\.(heic|heif|npy|json|safetensors)$/i.test(file.name)) found.push({ path: entry.fullPath, file });
    } else if (isFolder(entry)) for (const child of await children(entry)) await walk(child, true);
  };
  for (const entry of entries) if (entry) await walk(entry, false);
  return found.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true })).map(({ file }) => file);
}

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
