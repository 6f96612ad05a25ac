'use client';
import { useCallback, useState } from 'react';
import type { Problem } from '../languages/problem-text';
import { problemOf } from '../client/client';

/** Text that may be a file of captions is looked at before it is taken; what cannot be one is pasted as ever. */
const mayBeFile = (text: string) => /^\s*[[{]|[\t,;|]/.test(text);

/**
 * Takes reference captions out of files in the field's layouts, given as files or as pasted text: those of the input
 * that is shown. @param name what the input is called @param take hears the captions, one a line
 */
export function useGivenReferences(name: string, take: (lines: string) => void) {
  const [problem, setProblem] = useState<Problem>();
  const [notes, setNotes] = useState<readonly string[]>([]);

  const giveFile = useCallback(
    async (file: File) => {
      try {
        // What reads them comes with the first file that is given.
        const { referencesOfImage } = await import('@/kept/captions/of-image');
        const { captions, notes: told } = referencesOfImage(file.name, new Uint8Array(await file.arrayBuffer()), name);
        take(captions.join('\n'));
        setNotes(told);
        setProblem(undefined);
      } catch (error) {
        setNotes([]);
        setProblem(problemOf(error));
      }
    },
    [name, take],
  );

  /** @param plain pastes the text as it is @returns whether the text is taken care of */
  const givePasted = useCallback(
    (text: string, plain: () => void): boolean => {
      if (!mayBeFile(text)) return false;
      void import('@/kept/captions/of-image').then(({ isCaptionFile }) =>
        isCaptionFile(text) ? giveFile(new File([text], 'The pasted text')) : plain(),
      );
      return true;
    },
    [giveFile],
  );
  return { giveFile, givePasted, problem, notes };
}
