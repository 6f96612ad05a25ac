import { prepare } from '../server/setup/prepare.mjs';

/** Once before the tests: what the workers' servers serve, so that no two of them build it at the same time. */
const build = () => prepare();
export default build;
