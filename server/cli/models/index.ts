import { group } from '../command';
import { importModel } from './import';
import { listModels } from './list';
import { pullModel } from './pull';
import { removeModel } from './remove';
import { verifyModels } from './verify';

export const models = group('models', 'families: list, pull, import, verify, remove', {
  list: listModels,
  pull: pullModel,
  import: importModel,
  verify: verifyModels,
  remove: removeModel,
});
