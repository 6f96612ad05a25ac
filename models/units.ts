/**
 * Bytes for people, in the decimal units of disks and hubs. `fixed` writes a number with so many digits after its point
 * (or comma).
 */
export function amount(bytes: number, fixed = (x: number, digits: number) => x.toFixed(digits)): string {
  if (bytes < 1e3) return `${Math.round(bytes)} B`;
  if (bytes < 1e6) return `${fixed(bytes / 1e3, 0)} kB`;
  return bytes < 1e9 ? `${fixed(bytes / 1e6, bytes < 10e6 ? 1 : 0)} MB` : `${fixed(bytes / 1e9, 2)} GB`;
}

/** Seconds for people. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60
    ? `${whole} s`
    : whole < 3600
      ? `${Math.floor(whole / 60)} min ${whole % 60} s`
      : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
