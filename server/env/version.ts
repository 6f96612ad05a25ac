import manifest from '../../package.json' with { type: 'json' };

/** The studio's own version, kept with every comparison. */
export const appVersion = manifest.version;
