/** A small picture of a photo of a collection, as the server has it. */
export const photoUrl = (run: string, key: string): string =>
  `/api/collections/${run}/photo?key=${encodeURIComponent(key)}`;
