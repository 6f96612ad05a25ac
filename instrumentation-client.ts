import { warmChosen } from './app/lanes/chosen-devices';

/**
 * Runs in the browser as soon as the scripts are there, before React wakes the page: the engines that lanes are set to
 * start meanwhile.
 */
if (/^\/(local|c\/[^/]+)?$/.test(location.pathname)) warmChosen();
