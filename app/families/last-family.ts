const key = 'caption-studio.family';

/** The family that was picked last in this browser; null if none was, or nothing can be stored. */
export function lastFamily(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function keepLastFamily(name: string): void {
  try {
    localStorage.setItem(key, name);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}
