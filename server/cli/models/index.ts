import { group } from '../command';
import { importModel } from './import';
import { modelsKey } from './key';
import { listModels } from './list';
import { pullModel } from './pull';
import { removeModel } from './remove';
import { verifyModels } from './verify';

export const models = group('models', 'families: list, pull, import, verify, remove, key', {
  list: listModels,
  pull: pullModel,
  import: importModel,
  verify: verifyModels,
  remove: removeModel,
  key: modelsKey,
});
