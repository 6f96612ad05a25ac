/** What onnxruntime, a browser or a driver says of each kind of failure, and what a person is told. */
const kinds: readonly [said: RegExp, reason: string][] = [
  [
    /out of memory|bad_?alloc|(failed|unable) to allocate|allocation failed|cannot enlarge memory/i,
    'there is not enough memory. End other lanes or programs, choose fewer beams or candidates, or weights at 8 bit',
  ],
  [
    /fallback to cpu|cpu_ep_fallback|assigned to the default CPU/i,
    'a part of it has no kernel there and would run on the CPU in every step (fallback). Choose another device',
  ],
  [
    /not.?implemented|no op registered|not a registered|could not find an implementation|no kernel|unsupported/i,
    'it has an operator that this device does not know. Choose another device',
  ],
  [
    /protobuf|invalid_graph|invalid model|parse|no graph was found/i,
    'its file is no network that the engine can read. Verify the family, and pull or import it again',
  ],
  [
    /invalid (rank|dimensions?)|dimension|shape|invalid_argument/i,
    'it was given numbers of a shape that it does not take: files of the family do not fit. Import it again',
  ],
  [/device (is |was )?lost|lost device|destroyed|hung|instance dropped/i, 'the device was lost. Run it again'],
];

/**
 * Why a device failed, without the words of its library.
 * @param cause what onnxruntime threw: https://onnxruntime.ai/docs/api/c/struct_ort_api.html names its codes
 */
export function deviceReason(cause: unknown): string {
  const said = cause instanceof Error ? cause.message : String(cause);
  return `${kinds.find(([kind]) => kind.test(said))?.[1] ?? 'its library met a fault. Run it again, or choose another device'}.`;
}
