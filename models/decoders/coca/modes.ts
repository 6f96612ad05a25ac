import { openClipText } from '../published-text';
import type { PublishedMode } from '../published-mode';
import { walkBeams, walkSamples } from './search';

/** Tokens of the longest caption: `seq_len` 30 and `min_seq_len` 5 count the begin token. */
const maxTokens = 29;
const minLength = 5;
const shared = { maxTokens, text: openClipText };
const places = 'at least five places, at most thirty';
const sampling =
  'the end token forbidden before the fifth place, then $, then the temperature (ours has it first); token 0, a "!" inside other signs, ends a caption; the thirtieth place is the end';

/** CoCa as open_clip decodes it, the package's version in the name: captions differ from one to the next. */
export const cocaModes: readonly PublishedMode[] = [
  {
    name: 'open_clip-3.3.0',
    does: `generate: six beams in three groups without a penalty that would tell them apart, so two beams; logits are added up as they are, not log-probabilities, and divided by the length with the begin token; ${places}`,
    search: 'open-clip-beam',
    beam: 2,
    walk: walkBeams({ beam: 2, minLength, add: 'logits', beginCounts: true }),
    ...shared,
  },
  {
    name: 'open_clip-main',
    does: `open_clip at 89fb801 by transformers: six beams, log-probabilities divided by the length without the begin token; ${places}`,
    search: 'open-clip-beam',
    beam: 6,
    walk: walkBeams({ beam: 6, minLength, add: 'log-probabilities', beginCounts: false }),
    ...shared,
  },
  {
    name: 'open_clip-3.3.0-top-p',
    does: `generation_type top_p: ${sampling.replace('$', 'the nucleus topP')}; its own topP is 0.1, which is nearly greedy`,
    search: 'open-clip-sample',
    walk: walkSamples('topP', minLength),
    ...shared,
  },
  {
    name: 'open_clip-3.3.0-top-k',
    does: `generation_type top_k: ${sampling.replace('$', 'the likeliest topK')}; its own topK is 1, which is greedy`,
    search: 'open-clip-sample',
    walk: walkSamples('topK', minLength),
    ...shared,
  },
];
