import * as z from 'zod';

export const precision = z.enum(['fp32', 'fp16', 'q8']);
export const deviceName = z.enum(['cpu', 'cuda', 'webgpu', 'coreml', 'dml', 'wasm']);
const text = z.string().max(4_000).optional();

/**
 * The device that does the work, and why it was chosen (`reason` is shown to the user when it is a fallback).
 * `instead`: it took over lanes from another device, and why.
 */
export const device = z.strictObject({ name: deviceName, adapter: text, reason: text, instead: text });

export type Precision = z.infer<typeof precision>;
export type DeviceName = z.infer<typeof deviceName>;
export type Device = z.infer<typeof device>;
