import { beamLoop } from '../clipcap/modes';
import type { PublishedMode } from '../published-mode';
import { lowerCaseText } from '../published-text';

/** CapDec as DavidHuji/CapDec decodes it. */
export const capdecModes: readonly PublishedMode[] = [
  {
    name: 'capdec-4451bfd',
    does: `predictions_runner.py: unit embedding, an offset is added and not made unit again, ${beamLoop}; lower case`,
    search: 'clipcap-beam',
    beam: 5,
    maxTokens: 67,
    text: lowerCaseText,
  },
];
