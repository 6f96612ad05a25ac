/** Some of a list in words: all of up to three, else three and how many there are. `what` names them in the plural. */
export function examples(list: readonly string[], what: string, most = 3): string {
  const some = list.slice(0, most).join(', ');
  return list.length > most ? `${some} and ${list.length - most} more ${what}` : some;
}
