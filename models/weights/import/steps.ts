/** What an import is at. */
export const importSteps = {
  reading: 'checking the files',
  writing: 'writing the weights',
  memory: 'embedding the text memory',
  graph: 'trying {{graph}}',
  graphAt8Bit: 'trying {{graph}} at 8 bit',
  graphs: 'trying the graphs',
} as const;
