/** The command that goes on with what was stopped, as somebody types it. @param args as they were given */
export function again(command: string, args: readonly string[], { file }: { file: boolean }): string {
  const kept = args.filter((arg) => arg !== '--overwrite' && arg !== '--resume');
  // Flags stand before a --, behind which all is a name.
  const end = kept.indexOf('--');
  if (file) kept.splice(end < 0 ? kept.length : end, 0, '--resume');
  return ['npm run -s studio --', command, ...kept.map(quoted)].join(' ');
}

const quoted = (arg: string) =>
  /^[\w@%+=:,./-]+$/.test(arg)
    ? arg
    : // A newline in single quotes stays one, and a terminal shows it.
      `'${arg.replaceAll("'", `'\\''`)}'`;
