const urls = new WeakMap<Blob, string>();

/** An address for bytes of this browser, one each for as long as the page lives. */
export function blobUrl(blob: Blob): string {
  let url = urls.get(blob);
  if (!url) urls.set(blob, (url = URL.createObjectURL(blob)));
  return url;
}
