/** How a button of the history looks. */
export const button =
  'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';
