import { useState } from 'react';
import { problemOf } from '../client/client';
import { activeInput } from '../inputs/inputs-state';
import type { Problem } from '../languages/problem-text';
import { endOf } from '../views/film';
import { useShown } from './page-context';

/** What is being written: a caption of nobody's, one made of a lane's, or one that is kept (`id`) changed. */
export type Draft = { input: string | undefined; text: string; id?: string; lane?: string };

/** What a person says of the photo, apart from what decoders said: accepted captions, and captions of their own. */
export function usePerson() {
  const comparison = useShown((state) => activeInput(state)?.comparison);
  const said = useShown(({ shown }) => shown.said);
  const lanes = useShown(({ shown }) => shown.lanes);
  const input = useShown(({ active }) => active);
  const [writing, setDraft] = useState<Draft>();
  const [saving, setSaving] = useState(false);
  const [failed, setFailed] = useState<{ input: string | undefined; problem: Problem }>();
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      setFailed(undefined);
      return true;
    } catch (error) {
      setFailed({ input, problem: problemOf(error) });
      return false;
    }
  };
  /** The caption as it was accepted, if it is. */
  const acceptedOf = (lane: string) => {
    const film = lanes.find(({ id }) => id === lane);
    const caption = film && endOf(film)?.caption;
    return said.find((one) => one.lane === lane && !one.own && one.text === caption?.trim());
  };
  return {
    said,
    /** Of another photo nothing is written. */
    draft: writing?.input === input ? writing : undefined,
    problem: failed?.input === input ? failed?.problem : undefined,
    /** It is being scored and kept. */
    saving,
    possible: comparison !== undefined,
    acceptedOf,
    /** Accepts a lane's caption, or takes that back. */
    accept: (lane: string) => {
      const accepted = acceptedOf(lane);
      void attempt(async () => (accepted ? comparison?.takeBack(accepted.id) : comparison?.accept(lane)));
    },
    /** Begins a caption of the person's own. */
    write: (of: Omit<Draft, 'input'> = { text: '' }) => setDraft({ input, ...of }),
    /** Begins one made of what a lane said. */
    writeFrom: (lane: string) => {
      const film = lanes.find(({ id }) => id === lane);
      setDraft({ input, text: (film && endOf(film)?.caption) ?? film?.caption ?? '', lane });
    },
    cancel: () => setDraft(undefined),
    save: async ({ id, lane }: Draft, text: string) => {
      setSaving(true);
      const kept = await attempt(async () =>
        comparison?.edit(text, { ...(id ? { id } : {}), ...(lane ? { lane } : {}) }),
      );
      setSaving(false);
      if (kept) setDraft(undefined);
    },
    takeBack: (id: string) => void attempt(async () => comparison?.takeBack(id)),
  };
}
