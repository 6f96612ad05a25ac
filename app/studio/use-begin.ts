import { useCallback } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import { StudioError } from '@/models/errors';
import type { FamilyCard, StudioInfo } from '@/kept/answers';
import { browserEngine } from '../engine/client';
import { msg } from '../languages/msg';
import { type Input, localInput, serverInput, type Source, sourceName } from '../inputs/inputs';
import type { LaneDevice } from '../lanes/lane-device';
import type { LocalComparison, LocalRun } from '../comparisons/local-comparisons';
import type { LocalRuns } from '../comparisons/local-runs';
import type { ServerComparisons } from '../comparisons/server-comparisons';
import { canCaption } from '../families/use-family';
import type { useLaneDevices } from '../lanes/use-lane-devices';
import { initialLanes, type LaneConfig, optionsOf } from '../lanes/use-lanes';
import type { Begun } from './use-turns';

/** A lane to run; `device` where the person's choice for it is not known yet. */
export type Wanted = LaneConfig & { device?: LaneDevice };
const webDevices = ['webgpu', 'wasm'] as const;

/** The decoders that a family has parts of. */
export function decodersOf(info: StudioInfo | undefined, family: FamilyCard | undefined) {
  return info && family ? info.decoders.filter(({ name }) => family.decoders.includes(name)) : [];
}

type Needs = {
  server: ServerComparisons;
  local: LocalRuns;
  info: UseQueryResult<StudioInfo>;
  family: FamilyCard | undefined;
  lanes: readonly LaneConfig[];
  devices: Pick<ReturnType<typeof useLaneDevices>, 'placeOf'>;
};

/** Starting lanes on an input, each where it belongs. */
export function useBegin({ server, local, info, family, lanes, devices: { placeOf } }: Needs) {
  const usable = useCallback(
    (studio: StudioInfo): FamilyCard => {
      const used = family ?? studio.families.find(canCaption);
      if (!used)
        throw new StudioError(
          'family-unknown',
          msg('The studio has no family that can caption. Open Models and pull or import one.'),
        );
      return used;
    },
    [family],
  );
  const known = useCallback(
    async (): Promise<StudioInfo> => info.data ?? (await info.refetch({ throwOnError: true })).data!,
    [info],
  );

  /**
   * Starts lanes on an input: in a comparison of their own, or with `into` in those that it has. Resolves once they are
   * started, with
   * where they are and a promise of their end. @throws Error, in words for the person
   */
  const begin = useCallback(
    async (source: Source, wanted: readonly Wanted[] | undefined, into?: Input): Promise<Begun> => {
      // Somebody may be faster than the page's first question to the server.
      const studio = await known();
      const used = usable(studio);
      const cards = decodersOf(studio, used);
      const all: Wanted[] = (wanted ?? (lanes.length ? lanes : initialLanes(cards))).filter(({ decoder }) =>
        cards.some(({ name }) => name === decoder),
      );
      const places = new Map(
        await Promise.all(all.map(async (lane) => [lane.id, await placeOf(lane.id, lane.device)] as const)),
      );
      const deviceOf = ({ id }: Wanted) => places.get(id)!;
      const request = (lane: LaneConfig) => ({
        id: lane.id,
        decoder: lane.decoder,
        options: optionsOf(lane, cards, used),
      });
      const here = webDevices
        .map((device) => ({ device, lanes: all.filter((lane) => deviceOf(lane) === device).map(request) }))
        .filter((group) => group.lanes.length);
      const there = all.filter((lane) => deviceOf(lane) === 'server').map(request);
      for (const group of here)
        void browserEngine(group.device).prepare({ family: used.name, precision: 'fp32', lanes: group.lanes });
      // Lanes of this browser first make sure that the picture can be read, before anything is started anywhere.
      const own = here.length ? await localInput(source, here[0]!.device, studio, used.space) : undefined;
      let [onServer, inBrowser] = [into?.serverId, into?.localId];
      const ended: Promise<void>[] = [];
      if (there.length) {
        if (onServer === undefined)
          onServer = await server.create({
            input: await serverInput(source),
            lanes: there,
            family: used.name,
            ...(source.kind === 'sample' ? {} : { title: sourceName(source).slice(0, 200) }),
          });
        else await server.extend({ id: onServer, lanes: there });
        ended.push(server.whenEnded(onServer));
      }
      if (own) {
        const runs = here.map((group): LocalRun => ({ ...group, items: [] }));
        if (inBrowser !== undefined) ended.push(local.extend(inBrowser, runs, own.input));
        else {
          inBrowser = crypto.randomUUID();
          const { kind: _kind, ...embedding } =
            source.kind === 'embedding' ? source : { kind: '', name: '', values: [] };
          const comparison: LocalComparison = {
            ...{
              id: inBrowser,
              createdAt: Date.now(),
              family: used.name,
              precision: 'fp32',
              runs,
              order: all.map(({ id }) => id),
            },
            ...(own.photo ? { photo: { ...own.photo, name: sourceName(source) } } : { embedding }),
            ...(onServer === undefined ? {} : { serverId: onServer }),
          };
          ended.push(local.start(comparison, own.input));
        }
      }
      const ranOn = Object.fromEntries(
        all.map((lane) => [lane.id, deviceOf(lane) === 'server' ? ('server' as const) : ('local' as const)]),
      );
      return {
        serverId: onServer,
        localId: inBrowser,
        ranOn: { ...into?.ranOn, ...ranOn },
        ended: Promise.all(ended).then(() => undefined),
      };
    },
    [known, lanes, local, placeOf, server, usable],
  );
  return { begin, known, usable };
}
