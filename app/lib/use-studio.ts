'use client';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { StudioError } from '@/models/errors';
import type { WebDeviceName } from '@/models/runtime/web';
import type { OptionValue } from '@/models/decoders/types';
import type { FamilyCard, StudioInfo } from '@/server/trpc/types';
import { browserEngine } from '../engine/client';
import { errorText, uploadImage, useStudioClient } from './client';
import { joinParts } from './comparison-view';
import type { LocalComparison } from './local-comparisons';
import { type SaveChoice, saveLocal } from './save-local';
import { useComparison } from './use-comparison';
import { useFamily } from './use-family';
import { useHydrated } from './use-hydrated';
import { useLaneDevices } from './use-lane-devices';
import { useLocalRun } from './use-local-run';

/** The page shows what lies behind each caption, unless a lane says otherwise. */
const told = { cosineTrace: true, insight: true };

/** What is described: a file of the person's, a picture that the server has, or the sample. */
type Source = { kind: 'sample' } | { kind: 'photo'; name: string; blob?: Blob; imageId?: string; url?: string };

/** All that the page does: choosing a photo, running its lanes where they belong, showing what there is. */
export function useStudio({ serverId, localId }: { serverId?: string; localId?: string }) {
  const client = useStudioClient();
  const info = useQuery({ queryKey: ['studio.info'], queryFn: () => client.studio.info.query() });
  const server = useComparison(serverId);
  const local = useLocalRun(localId);
  const lanes = useLaneDevices();
  const hydrated = useHydrated();
  const [working, setWorking] = useState<string>();
  const [options, setOptions] = useState<Record<string, Record<string, OptionValue>>>({});
  const families = useFamily(info.data, server.shown?.state.family ?? local.comparison?.family);
  const family = families.chosen;
  const decoders = useMemo(() => decodersOf(info.data, family), [family, info.data]);
  const { follow } = server;

  // The rest of a mixed comparison lies on the server.
  const joined = local.comparison?.serverId;
  useEffect(() => {
    if (joined) follow(joined);
  }, [follow, joined]);

  const shown = useMemo(() => joinParts([...(server.shown ? [server.shown.state] : []), ...local.states], local.download), [local.download, local.states, server.shown]);
  const setProblem = useCallback(
    (text: string | undefined) => {
      server.setProblem(text);
      local.setProblem(undefined);
    },
    [local, server],
  );

  const cancel = useCallback(async () => {
    local.cancel();
    const status = server.shown?.state.status;
    if (status === 'queued' || status === 'running') await server.cancel();
  }, [local, server]);

  const run = useCallback(
    async (wanted: Source) => {
      setProblem(undefined);
      setWorking(wanted.kind === 'photo' ? wanted.name || 'photo' : 'the sample');
      try {
        // Somebody may be faster than the page's first question to the server.
        const studio = info.data ?? (await info.refetch({ throwOnError: true })).data!;
        const used = family ?? studio.families[0];
        if (!used) throw new StudioError('family-unknown', 'The studio has no family that can caption. Open Models and pull or import one.');
        const decoders = decodersOf(studio, used);
        if (shown.running) await cancel();
        const request = (decoder: string) => ({ decoder, options: { ...told, ...options[decoder] } });
        const at = (device: string) => decoders.filter(({ name }) => lanes.deviceOf(name) === device).map(({ name }) => request(name));
        const here = (['webgpu', 'wasm'] as const).map((device) => ({ device, lanes: at(device) })).filter((group) => group.lanes.length);
        // Lanes of this browser first make sure that the picture can be read, before anything is started anywhere.
        const blob = here.length ? await blobOf(wanted, studio) : undefined;
        const image = blob && (await browserEngine(here[0]!.device).decode(blob));
        const onServer = at('server');
        let createdId: string | undefined;
        if (onServer.length) {
          const input = wanted.kind === 'sample' ? { kind: 'sample' as const } : { kind: 'image' as const, imageId: wanted.imageId ?? (await uploadImage(wanted.blob!)).id };
          createdId = await server.start({ input, lanes: onServer, family: used.name });
        } else server.follow(undefined);
        if (!blob || !image) {
          local.clear();
          window.history.pushState(null, '', `/c/${createdId}`);
          return;
        }
        const begun: LocalComparison = {
          id: crypto.randomUUID(),
          createdAt: Date.now(),
          family: used.name,
          precision: 'fp32',
          photo: { blob, name: wanted.kind === 'photo' ? wanted.name : 'sample picture', width: image.width, height: image.height },
          runs: here.map(({ device, lanes: group }) => ({ device: device as WebDeviceName, lanes: group.map(({ decoder, options: values }) => ({ id: decoder, decoder, options: values ?? {} })), items: [] })),
          ...(createdId ? { serverId: createdId } : {}),
        };
        window.history.pushState(null, '', `/local?id=${begun.id}`);
        void local.start(begun, image);
      } catch (error) {
        setProblem(errorText(error));
      } finally {
        setWorking(undefined);
      }
    },
    [cancel, family, info, lanes, local, options, server, setProblem, shown.running],
  );

  const picture = local.comparison ? { url: urlOf(local.comparison.photo.blob), ...size(local.comparison.photo) } : server.shown?.picture;
  const again = useMemo((): Source | undefined => {
    if (local.comparison) return { kind: 'photo', name: local.comparison.photo.name, blob: local.comparison.photo.blob };
    if (!server.shown?.picture) return undefined;
    if (server.shown.input === 'sample') return { kind: 'sample' };
    return { kind: 'photo', name: 'photo', imageId: server.shown.picture.id, url: server.shown.picture.url };
  }, [local.comparison, server.shown]);

  const saving = useMemo(() => {
    const { comparison } = local;
    if (!comparison || shown.running || !local.states.some((state) => state.lanes.some((lane) => lane.result))) return undefined;
    return { comparison, onSave: (choice: SaveChoice) => saveLocal(client, comparison, choice) };
  }, [client, local, shown.running]);

  return {
    info,
    decoders,
    families,
    shown,
    picture,
    lanes,
    options,
    setOptions: useCallback((decoder: string, values: Record<string, OptionValue>) => setOptions((all) => ({ ...all, [decoder]: values })), []),
    /** Saved without its picture. */
    withheld: Boolean(server.shown && !server.shown.picture && !local.comparison),
    saving,
    problem: server.problem ?? local.problem ?? (info.error ? errorText(info.error) : shown.failure),
    working,
    /** Also until the page can hear: a press before that would be lost. */
    busy: !hydrated || server.busy || working !== undefined,
    runFile: useCallback((file: File) => run({ kind: 'photo', name: file.name, blob: file }), [run]),
    runSample: useCallback(() => run({ kind: 'sample' }), [run]),
    runAgain: useMemo(() => again && (() => run(again)), [again, run]),
    cancel,
  };
}

const size = ({ width, height }: { width: number; height: number }) => ({ width, height });

/** The picture's bytes, for lanes of this browser. @throws image-unreadable */
async function blobOf(source: Source, info: StudioInfo): Promise<Blob> {
  if (source.kind === 'photo' && source.blob) return source.blob;
  const response = await fetch(source.kind === 'sample' ? info.sample.url : source.url!).catch(() => undefined);
  if (!response?.ok) throw new StudioError('image-unreadable', 'The picture could not be fetched from the studio. Is it still running? Choose a file of your own instead.');
  return response.blob();
}

const urls = new WeakMap<Blob, string>();
/** An address for a picture of this browser, one each for as long as the page lives. */
function urlOf(blob: Blob): string {
  let url = urls.get(blob);
  if (!url) urls.set(blob, (url = URL.createObjectURL(blob)));
  return url;
}

function decodersOf(info: StudioInfo | undefined, family: FamilyCard | undefined) {
  return info && family ? info.decoders.filter(({ name }) => family.decoders.includes(name)) : [];
}
