'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import { problemOf, useStudioClient } from '../client/client';
import { useSender } from '../collections/use-sender';
import type { Address } from '../comparisons/address';
import { deviceOf } from '../lanes/devices-state';
import type { LaneDevice } from '../lanes/lane-device';
import type { LaneConfig } from '../lanes/lane-config';
import { createStudio, type Studio, type StudioState } from './store';
import { enter } from './visit';

const StudioContext = createContext<Studio | undefined>(undefined);

/** One page of the studio, for as long as it is shown: what it holds shares nothing with another. */
export function StudioPage({ opened, children }: { opened: Address | undefined; children: ReactNode }) {
  const client = useStudioClient();
  const queries = useQueryClient();
  const asked = { queryKey: ['studio.info'], queryFn: () => client.studio.info.query() };
  const info = useQuery(asked);
  const sender = useSender();
  const [studio] = useState(() =>
    createStudio(
      {
        client,
        askInfo: () => queries.fetchQuery({ ...asked, staleTime: Infinity }),
        sender,
        goTo: (path, how) => window.history[how === 'push' ? 'pushState' : 'replaceState'](null, '', path),
      },
      opened,
    ),
  );
  useEffect(
    () => studio.store.setState({ info: info.data, infoProblem: info.error ? problemOf(info.error) : undefined }),
    [info.data, info.error, studio],
  );
  useEffect(() => enter(studio), [studio]);
  return <StudioContext value={studio}>{children}</StudioContext>;
}

/** The page's studio, for what is done with it. */
export function usePage(): Studio {
  const studio = useContext(StudioContext);
  if (!studio) throw new Error('A component of the page stands outside <StudioPage> (app/studio/page-context.tsx).');
  return studio;
}

/** What a component shows of the page's state: it is drawn again only when that is another object. */
export const useShown = <T,>(select: (state: StudioState) => T): T => useStore(usePage().store, select);

/** The same of what is made anew each time: drawn again only when one of its values is another. */
export const useParts = <T,>(select: (state: StudioState) => T): T => useStore(usePage().store, useShallow(select));

/** The lanes whose decoders the studio has. */
export function useKnown(bench: readonly LaneConfig[]): readonly LaneConfig[] {
  const cards = useShown(({ info }) => info?.decoders);
  return bench.filter(({ decoder }) => cards?.some(({ name }) => name === decoder));
}

/** The devices that lanes are set to, in their order. */
export const useDevices = (lanes: readonly { id: string }[]): readonly LaneDevice[] =>
  useParts((state) => lanes.map(({ id }) => deviceOf(state, id)));
