// Once before the tests, so that `npx vitest run FILE` works alone: what they need but do not make themselves.
import { prepare } from './prepare.mjs';

export const setup = () => prepare({ build: false });
