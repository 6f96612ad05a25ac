import { group } from '../command';
import { apply } from './apply';
import { fit } from './fit';

export const map = group('map', 'vectors of another space brought over by a linear map', { fit, apply });
