import { group } from '../command';
import { list } from './list';
import { replace } from './replace';
import { search } from './search';

export const memory = group('memory', 'the sentences that DeCap reads embeddings through', { list, search, replace });
