// In each process of Vitest's, before its tests.
import { keepToOwnCores } from './own-core.mjs';

keepToOwnCores(Number(process.env.VITEST_POOL_ID || 1) - 1, 2);
