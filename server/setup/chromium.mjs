import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** Path of a Chromium: CHROMIUM_PATH, or where systems put it. */
export const findChromium = () => [process.env.CHROMIUM_PATH, ...places].find((path) => path && existsSync(path));

export const howToGetChromium = `No Chromium was found${process.env.CHROMIUM_PATH ? ` (CHROMIUM_PATH=${process.env.CHROMIUM_PATH} does not exist)` : ''}: the end-to-end tests drive a real one.
Debian, Ubuntu: apt-get install chromium. macOS: brew install --cask chromium. Any other: npx playwright install chromium.
If it lies somewhere else, say where: CHROMIUM_PATH=/path/to/chromium npm test`;
