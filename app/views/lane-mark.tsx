import { decoderLook, laneTitle } from './looks';

/** The square with a decoder's letter in its hue. */
export function LaneMark({ decoder }: { decoder: string }) {
  const { color, letter } = decoderLook(decoder);
  return (
    <span aria-hidden className="v-mark" style={{ background: color }}>
      {letter}
    </span>
  );
}

/** A lane's mark and name, for tables and legends. */
export function LaneName({ lane }: { lane: { id: string; decoder: string } }) {
  return (
    <span className="v-lane-name">
      <LaneMark decoder={lane.decoder} />
      {laneTitle(lane)}
    </span>
  );
}
