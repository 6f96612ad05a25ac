import { openClipBeam, type OpenClipBeamOptions } from '../../search/open-clip-beam';
import { openClipSample } from '../../search/open-clip-sample';
import type { Search, SearchInput } from '../../search/types';
import type { OptionValues } from '../option-spec';

/** open_clip's beams: how sums are made is the mode's. */
export const walkBeams =
  (beam: OpenClipBeamOptions) =>
  (input: SearchInput): Search =>
    openClipBeam(input, beam);

/** open_clip's sampling: `thins` names the option that thins out the tokens; the options say how much. */
export const walkSamples =
  (thins: 'topK' | 'topP', minLength: number) =>
  (input: SearchInput, options: OptionValues): Search => {
    const number = (name: string) => Number(options[name]);
    return openClipSample(input, {
      keep: thins === 'topK' ? { topK: number('topK') } : { topP: number('topP') },
      temperature: number('temperature'),
      minLength,
      padding: 0,
      seed: number('seed'),
      samples: number('samples'),
    });
  };
