/** Each worker has servers of its own, on ports of its own from E2E_PORT on. */
const first = Number(process.env.E2E_PORT || 3217) + 10 * Number(process.env.TEST_PARALLEL_INDEX || 0);

export const ports = {
  studio: first,
  owners: first + 1,
  slow: first + 2,
  hub: first + 3,
  own: first + 4,
  proxy: first + 5,
};
