/** This browser's storage; where it is refused (to a file of its own for instance) nothing is kept, nothing fails. */
export function safeStorage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const attempt = <T>(work: (storage: Storage) => T): T | null => {
    try {
      return work(localStorage);
    } catch {
      return null;
    }
  };
  return {
    getItem: (name) => attempt((storage) => storage.getItem(name)),
    setItem: (name, value) => void attempt((storage) => storage.setItem(name, value)),
    removeItem: (name) => void attempt((storage) => storage.removeItem(name)),
  };
}
