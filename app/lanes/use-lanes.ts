'use client';
import { useCallback, useMemo, useState } from 'react';
import type { DecoderCard, FamilyCard } from '@/kept/answers';
import { freeName } from '@/models/lanes/names';
import { asLeft, keepBench, type LaneConfig, type OptionSet } from './benches';

export type { LaneConfig, OptionSet } from './benches';

/** The page shows what lies behind each caption, unless a lane says otherwise. */
const told: OptionSet = { cosineTrace: true, insight: true };
const key = 'caption-studio.lanes';
const most = 16;

/** What an option is without the person's choice. */
export function pageDefaults(card: DecoderCard, family?: FamilyCard): OptionSet {
  return {
    ...Object.fromEntries(
      card.options.map((spec) => [spec.name, family?.defaults[card.name]?.[spec.name] ?? spec.default]),
    ),
    ...card.pageDefaults,
    ...told,
  };
}

/** The name of a new lane beside others. */
export const freeLane = (decoder: string, taken: readonly { id: string }[]): string =>
  freeName(decoder, new Set(taken.map(({ id }) => id)));

/** The lanes of a visit's beginning: those of the last one, or one of each decoder. */
export const initialLanes = (decoders: readonly DecoderCard[]): LaneConfig[] =>
  read(decoders) ?? decoders.map(({ name }) => ({ id: name, decoder: name, options: {} }));

/** Every option of a lane: the person's, or the page's default. */
export function optionsOf(lane: LaneConfig, decoders: readonly DecoderCard[], family?: FamilyCard): OptionSet {
  const card = decoders.find(({ name }) => name === lane.decoder);
  return { ...(card ? pageDefaults(card, family) : {}), ...lane.options };
}

/**
 * The lanes of the workbench: kept in this browser, one of each decoder at first. Those of `comparison`, the one that
 * is shown, are kept
 * beside it too, so that it opens again with the lanes as they were left.
 */
export function useLanes(decoders: readonly DecoderCard[], family?: FamilyCard, comparison?: string) {
  const [own, setOwn] = useState<LaneConfig[] | undefined>();
  const [adopted, setAdopted] = useState<LaneConfig[]>();
  const first = useMemo(
    () => decoders.map(({ name }): LaneConfig => ({ id: name, decoder: name, options: {} })),
    [decoders],
  );
  const stored = useMemo(() => read(decoders), [decoders]);
  const lanes = adopted ?? own ?? stored ?? first;

  const change = useCallback(
    (next: (lanes: LaneConfig[]) => LaneConfig[]) => {
      const after = next(lanes).slice(0, most);
      write(after);
      if (comparison) keepBench(comparison, after, lanes);
      if (adopted) setAdopted(after);
      else setOwn(after);
    },
    [adopted, comparison, lanes],
  );
  /** Puts a lane in, after another or at the end. @returns its id */
  const add = useCallback(
    (decoder: string, options: OptionSet = {}, after?: string): string => {
      const id = freeLane(decoder, lanes);
      change((before) => {
        const at = after === undefined ? before.length : before.findIndex((lane) => lane.id === after) + 1;
        return [...before.slice(0, at), { id, decoder, options }, ...before.slice(at)];
      });
      return id;
    },
    [change, lanes],
  );
  return {
    lanes,
    full: lanes.length >= most,
    add,
    /** Others in their place, e.g. with those of a sweep. */
    put: useCallback((next: (lanes: LaneConfig[]) => LaneConfig[]) => change(next), [change]),
    remove: useCallback((id: string) => change((before) => before.filter((lane) => lane.id !== id)), [change]),
    move: useCallback(
      (id: string, by: -1 | 1) =>
        change((before) => {
          const at = before.findIndex((lane) => lane.id === id);
          const to = at + by;
          if (at < 0 || to < 0 || to >= before.length) return before;
          const after = [...before];
          [after[at], after[to]] = [after[to]!, after[at]!];
          return after;
        }),
      [change],
    ),
    setOptions: useCallback(
      (id: string, options: OptionSet) =>
        change((before) => before.map((lane) => (lane.id === id ? { ...lane, options } : lane))),
      [change],
    ),
    /** Back to one of each decoder. */
    reset: useCallback(() => {
      setAdopted(undefined);
      setOwn(first);
      write(first);
      if (comparison) keepBench(comparison, first, lanes);
    }, [comparison, first, lanes]),
    /**
     * Shows the lanes of a comparison that was opened: as they were left in this browser, else with the options that it
     * ran with.
     */
    adopt: useCallback(
      (id: string, opened: readonly { id: string; decoder: string; options: Record<string, unknown> }[]) =>
        setAdopted(
          asLeft(
            id,
            opened.map(({ id, decoder, options }) => {
              const card = decoders.find(({ name }) => name === decoder);
              const usual = card ? pageDefaults(card, family) : {};
              return {
                id,
                decoder,
                options: Object.fromEntries(
                  Object.entries(options as OptionSet).filter(
                    ([name, value]) => JSON.stringify(usual[name]) !== JSON.stringify(value),
                  ),
                ),
              };
            }),
          ),
        ),
      [decoders, family],
    ),
  };
}

function read(decoders: readonly DecoderCard[]): LaneConfig[] | undefined {
  if (typeof localStorage === 'undefined' || !decoders.length) return undefined;
  try {
    const parsed = JSON.parse(localStorage.getItem(key) ?? 'null') as LaneConfig[] | null;
    // Lanes of another family's decoders wait for it.
    const sound = parsed?.filter(({ id, decoder }) => typeof id === 'string' && typeof decoder === 'string');
    return sound?.some(({ decoder }) => decoders.some(({ name }) => name === decoder))
      ? sound.map(({ id, decoder, options }) => ({ id, decoder, options: options ?? {} }))
      : undefined;
  } catch {
    return undefined;
  }
}

function write(lanes: readonly LaneConfig[]): void {
  try {
    // A branch belongs to the photo that it was made on.
    localStorage.setItem(key, JSON.stringify(lanes.filter(({ options }) => !options.prefixTokens)));
  } catch {
    // Without storage the lanes last as long as the page.
  }
}
