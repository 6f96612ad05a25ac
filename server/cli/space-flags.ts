/** Flags of commands that embed, and decode nothing. */
export const spaceFlags = {
  family: { type: 'string' },
  device: { type: 'string' },
  precision: { type: 'string' },
  'families-dir': { type: 'string' },
} as const;

export const spaceHelp = `  --family NAME      whose space; \`models list\` shows what is installed   (pocket)
  --device NAME      auto, cpu, cuda, webgpu, coreml, dml   (auto)
  --precision P      fp32, fp16 or q8   (fp32)
  --families-dir DIR folder of the embedded families   (models)`;
