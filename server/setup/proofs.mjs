// The long proofs of `npm run proof -- NAME`. Each has a small copy in `npm test`, which runs the same code on less.

/**
 * @typedef {object} Proof
 * @property {string} says what holds when it passes
 * @property {string} takes about how long, on two quiet cores
 * @property {string} small the test file of `npm test` with the small copy
 * @property {string[]} [vitest] what Vitest is given (files, -t TITLE)
 * @property {string[]} [playwright] what Playwright is given (files, -g TITLE)
 * @property {string} [script] a TypeScript file to bundle and run
 * @property {Record<string, string>} [env] what makes it long; NAME=value on the command line changes it
 */

/** @type {Record<string, Proof>} */
export const proofs = {
  agreement: {
    says: 'WASM in the browser gives the tokens of Node on 100 validation photos, all decoders, greedy and beam',
    takes: '40 minutes; STUDIO_AGREEMENT=0-50 and 50-100 are halves of it',
    small: 'e2e/agreement.spec.ts',
    playwright: ['e2e/agreement.spec.ts', '-g', 'validation photos|JPEG'],
    env: { STUDIO_AGREEMENT: '100' },
  },
  'agreement-webgpu': {
    says: 'WebGPU in the browser (in software where there is no GPU) gives the tokens of Node on 5 validation photos',
    takes: '2 to 3 minutes a photo; STUDIO_AGREEMENT_DECODERS=coca compares one decoder',
    small: 'e2e/browser-devices.spec.ts',
    playwright: ['e2e/agreement.spec.ts', '-g', 'WebGPU gives'],
    env: { STUDIO_AGREEMENT_WEBGPU: '5' },
  },
  'server-webgpu': {
    says: "pocket says on the server's WebGPU (in software where there is no GPU) what it says on the CPU",
    takes: '1 minute',
    small: 'server/engine/webgpu.test.ts',
    vitest: ['server/engine/webgpu.test.ts'],
    env: { STUDIO_WEBGPU_FAMILY: 'pocket' },
  },
  'coca-devices': {
    says: 'CoCa of open_clip says on WebGPU (in software where there is no GPU) what open_clip says, 20 drawn pictures',
    takes: '5 minutes',
    small: 'server/engine/coca-devices.test.ts',
    vitest: ['server/engine/coca-devices.test.ts'],
    env: { STUDIO_COCA_PICTURES: '20' },
  },
  'magic-devices': {
    says: 'MAGIC says on WebGPU (in software where there is no GPU) what it says on the CPU: tokens, and scores of all candidates, which are rows there',
    takes: '1 minute',
    small: 'server/engine/magic-devices.test.ts',
    vitest: ['server/engine/magic-devices.test.ts'],
    env: { STUDIO_MAGIC_PHOTOS: '4' },
  },
  'wrong-kernel': {
    says: "pocket's own self-check refuses a GPU with a wrong kernel in the browser, and WASM takes over",
    takes: '1 minute',
    small: 'e2e/imported.spec.ts',
    playwright: ['e2e/browser-devices.spec.ts', '-g', 'wrong kernel'],
    env: { STUDIO_WRONG_KERNEL: '1' },
  },
  'raw-checkpoints': {
    says: 'checkpoints in the published size of CLIP ViT-B/32 say in the browser, on WASM, what they say on the server',
    takes: '2 minutes',
    small: 'e2e/imported.spec.ts',
    playwright: ['e2e/imported.spec.ts', '-g', 'raw checkpoints'],
    env: { STUDIO_RAW_CHECKPOINTS: '1' },
  },
  fuzz: {
    says: 'none of 10,000 damaged or hostile checkpoints crashes a reader, takes 2 s or 1 GB (a count, --seed=N, --json)',
    takes: '5 minutes',
    small: 'models/files/fuzz/fuzz.test.ts',
    script: 'server/bench/fuzz.ts',
  },
  'collection-kills': {
    says: 'a run of 1,000 drawn pictures that is killed 50 times at random writes to the byte what an unbroken one writes',
    takes: '10 minutes; STUDIO_KILL_SEED=2 draws other moments',
    small: 'server/cli/collection/kills.test.ts',
    vitest: ['server/cli/collection/kills.test.ts'],
    env: { STUDIO_KILLS: '50', STUDIO_KILL_PHOTOS: '1000' },
  },
  names: {
    says: '2,000 file names on one command line give 2,000 answers, with CI unset and an empty home, which stays empty',
    takes: '2 minutes',
    small: 'server/cli/nothing-leaves.test.ts',
    vitest: ['server/cli/nothing-leaves.test.ts', '-t', 'a caption on the command line'],
    env: { STUDIO_NAMES: '2000' },
  },
};
