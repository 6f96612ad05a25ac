import { type DragEvent, useEffect, useRef, useState } from 'react';
import { droppedFiles } from '../inputs/dropped-files';

/**
 * Files and addresses that are dropped anywhere on the page, pasted, or were chosen before the page could hear.
 * @returns what the page listens by, where files are chosen, and whether something is dragged over it
 */
export function useTakingFiles({
  giveFiles,
  giveAddress,
}: {
  giveFiles: (files: File[]) => Promise<void>;
  /** Takes an address and says whether it was one. */
  giveAddress: (text: string) => boolean;
}) {
  const fileInput = useRef<HTMLInputElement>(null);
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length) void giveFiles(files);
      else if (
        !(event.target instanceof HTMLElement && event.target.closest('input, textarea')) &&
        giveAddress(event.clipboardData?.getData('text') ?? '')
      )
        event.preventDefault();
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  }, [giveAddress, giveFiles]);
  // Files that were chosen before the page could hear.
  useEffect(() => {
    const input = fileInput.current;
    const early = [...(input?.files ?? [])];
    if (!input || !early.length) return;
    input.value = ''; // the event of that choice may still come, and would give them once more
    void giveFiles(early);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page has come alive
  }, []);
  const onDragOver = (event: DragEvent) => {
    event.preventDefault();
    setDragging(true);
  };
  return {
    fileInput,
    dragging,
    listeners: {
      // Where the pointer comes over another part of the page, a browser sends this and no `dragover`.
      onDragEnter: onDragOver,
      onDragOver,
      // Out of the page, whichever of its parts the pointer was over last; from part to part it stays within.
      onDragLeave: (event: DragEvent) =>
        event.currentTarget.contains(event.relatedTarget as Node | null) || setDragging(false),
      onDrop: (event: DragEvent) => {
        setDragging(false);
        // What was dropped on a field of its own is taken there.
        if (event.defaultPrevented) return;
        event.preventDefault();
        const { dataTransfer } = event;
        if (dataTransfer.files.length) void droppedFiles(dataTransfer).then(giveFiles);
        else giveAddress(dataTransfer.getData('text/uri-list') || dataTransfer.getData('text'));
      },
    },
  };
}
