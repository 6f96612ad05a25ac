/** Somebody's captions of a set, beside the references of their images. */
export type System = {
  name: string;
  items: readonly {
    /** What the image is called. */
    image: string;
    /** The same for the same image in every system. */
    key: string | number;
    caption: string;
    /** All candidates of the image, of which `caption` is scored. */
    captions: readonly string[];
    references: readonly string[];
  }[];
  /** The family whose decoders wrote them, and whether their search optimised the cosine there, where known. */
  decodedBy?: string;
  optimised?: boolean;
};
