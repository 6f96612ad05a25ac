import { openClipBeam } from '../../search/open-clip-beam';
import { openClipSample } from '../../search/open-clip-sample';
import type { Search, SearchInput } from '../../search/types';
import type { OpenClipMode } from '../published-mode';
import type { OptionValues } from '../types';

/** The search that a mode of open_clip names, with what it leaves to the options. */
export function openClipSearch(input: SearchInput, mode: OpenClipMode, options: OptionValues): Search {
  if ('beam' in mode) return openClipBeam(input, mode.beam);
  const number = (name: string) => Number(options[name]);
  return openClipSample(input, {
    keep: mode.sample === 'topK' ? { topK: number('topK') } : { topP: number('topP') },
    temperature: number('temperature'),
    minLength: mode.minLength,
    padding: 0,
    seed: number('seed'),
    samples: number('samples'),
  });
}
